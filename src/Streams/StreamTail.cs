using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Agora.Web;
using Microsoft.Extensions.Hosting;

namespace Agora.Streams;

/// <summary>Messages of a stream behind an offset, as they were when it was looked.</summary>
/// <param name="Last">Number of the entry that was read last.</param>
/// <param name="IsEnd">Nothing stood behind it.</param>
/// <param name="IsClosed">And nothing ever will.</param>
internal sealed record StreamPage(string ContentType, IReadOnlyList<Personal> Messages, long Last, bool IsEnd, bool IsClosed);

/// <summary>
/// Reads a conversation as a stream: what its log has, as far as the agent is to hear it. Offsets are numbers of entries, and what is no message is passed over. It waits as readers of A2A do: for any entry, and then looks.
/// </summary>
internal sealed class StreamTail(PeerConversations conversations, ConversationLog log, Replies replies, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int Messages = 64;

    /// <summary>Intervals of the protocol's cursors, and from when on they are counted.</summary>
    private const int CursorSeconds = 20;
    private const int MostJitter = 3_600 / CursorSeconds;
    private static readonly DateTimeOffset CursorsBegan = new(2024, 10, 9, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The stream as the caller may read it; null: it is not there, not the caller's, or erased.</summary>
    public async Task<ConversationView?> View(PeerCall call, string id) => await conversations.View(call.Caller, id, call.Cancel) is { You: not null, Erased: false } view ? view : null;

    public static string TypeOf(ConversationView view) => view.ContentType ?? MediaTypes.Json;

    /// <summary>Null: no entry has that number.</summary>
    public async Task<StreamPage?> Read(PeerCall call, ConversationView view, long after)
    {
        if (after > view.Last) return null;

        var (stream, place) = (call.Tenant.Conversation(view.ConversationId), EntryPlace.Start);
        if (after > 0 && after < view.Last)
        {
            if (await log.Find(stream, after, call.Cancel) is not { } at) return null;

            place = new(at.Seq, at.Index + 1);
        }

        var (messages, bytes, last) = (new List<Personal>(), 0, after);
        while (last < view.Last && bytes < TalkLimits.ToldBytes)
        {
            var page = await log.Read(stream, place, IsWanted, Messages, call.Cancel);
            if (page is null || page.Next == place) break;

            place = page.Next;
            foreach (var entry in page.Entries)
            {
                var content = ((ConversationEvent.Said)entry.Happened).Content!;
                messages.Add(content);
                bytes += content.Utf8.Length;
            }
        }

        var isEnd = last >= view.Last;
        return new(TypeOf(view), messages, last, isEnd, isEnd && view.ClosedAt is not null);

        bool IsWanted(Entry entry)
        {
            last = Math.Max(last, entry.Number);
            return entry.Happened is ConversationEvent.Said { Content: not null } && view.You!.Hears(entry.Number) && entry.IsHeardBy(call.AgentId);
        }
    }

    /// <summary>The same, when there is something: a message, or the end. Else nothing, after a while. Null: the stream is not there any more.</summary>
    public async Task<StreamPage?> Await(PeerCall call, ConversationView view, long after)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancel, lifetime.ApplicationStopping);
        await using var timer = time.After(TalkLimits.StreamWait, over);
        return await Next(call, view.ConversationId, after, over.Token);
    }

    /// <summary>What follows as events of the protocol, until the stream is closed, its time is over or its reader's credential opens nothing any more: then its reader comes again.</summary>
    public async IAsyncEnumerable<string> Events(PeerCall call, ConversationView view, StreamPage first, string? cursor)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancel, lifetime.ApplicationStopping);
        await using var timer = time.After(TalkLimits.StreamTail, over);
        for (var page = first; ;)
        {
            // Both at once: who has what was said knows how to go on from it.
            var said = page.Messages.Count > 0 ? Event("data", Data(page)) : "";
            yield return said + Event("control", Control(page, page.IsClosed ? null : cursor = Cursor(call.Now, cursor)));
            if (page.IsClosed || over.IsCancellationRequested) yield break;

            StreamPage? next;
            do
            {
                using var quiet = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
                await using var beat = time.After(TalkLimits.HeartbeatEvery, quiet);
                next = await Next(call, view.ConversationId, page.Last, quiet.Token);
                if (next is { Messages.Count: 0, IsClosed: false })
                {
                    yield return EventStream.Heartbeat;
                }
            }
            while (next is { Messages.Count: 0, IsClosed: false } && !over.IsCancellationRequested);

            if (next is null || !await call.Stands()) yield break;
            page = next;
        }
    }

    /// <summary>By which a reply is another one than before, for what stands between and keeps replies: it rises with time, and is never the reader's own.</summary>
    public static string Cursor(DateTimeOffset now, string? given)
    {
        var interval = (long)(now - CursorsBegan).TotalSeconds / CursorSeconds;
        var isAhead = given is { Length: < 16 } && long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last >= interval;
        return (isAhead ? long.Parse(given!, CultureInfo.InvariantCulture) + RandomNumberGenerator.GetInt32(1, MostJitter + 1) : interval).ToString(CultureInfo.InvariantCulture);
    }

    private async Task<StreamPage?> Next(PeerCall call, string id, long after, CancellationToken wait)
    {
        while (true)
        {
            using var expected = await replies.Expect(call.Tenant.Conversation(id), static _ => true);
            if (await View(call, id) is not { } view || await Read(call, view, after) is not { } page) return null;
            if (page.Messages.Count > 0 || page.IsClosed || wait.IsCancellationRequested) return page;

            // What the feed does not tell is looked for when it was quiet for so long.
            await Task.WhenAny(expected.Ended, Task.Delay(TalkLimits.HeartbeatEvery, time, wait));
        }
    }

    private static string Data(StreamPage page)
    {
        var bytes = StreamContent.Read(page.ContentType, page.Messages);
        return StreamContent.IsText(page.ContentType) ? Encoding.UTF8.GetString(bytes) : Convert.ToBase64String(bytes);
    }

    private static string Control(StreamPage page, string? cursor) => ApiJson.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("streamNextOffset", ReadAsked.OffsetOf(page.Last));
        if (cursor is not null)
        {
            writer.WriteString("streamCursor", cursor);
        }

        if (page.IsEnd)
        {
            writer.WriteBoolean("upToDate", true);
        }

        if (page.IsClosed)
        {
            writer.WriteBoolean("streamClosed", true);
        }

        writer.WriteEndObject();
    });

    /// <summary>Whatever ends a line of an event stream (HTML, 9.2.5: LF, CR or both) ends one here: nothing that was said can begin an event, and no other character is changed.</summary>
    private static string Event(string name, string data)
    {
        var text = new StringBuilder($"event: {name}\n");
        foreach (var line in data.Replace("\r\n", "\n").Replace('\r', '\n').Split('\n')) text.Append(line.StartsWith(' ') ? "data: " : "data:").Append(line).Append('\n');
        return text.Append('\n').ToString();
    }
}
