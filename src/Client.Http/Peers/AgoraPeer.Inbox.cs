using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Agora.Client.Http;

/// <summary>What an agent is told.</summary>
public sealed partial class AgoraPeer
{
    private const string Now = "now";
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(20);

    /// <summary>
    /// What all its conversations tell it, in one order, each entry once. A connection that is cut, at any byte, is opened again behind the last entry, later each time; it gives up where
    /// <see cref="RetryOptions.Deadline"/> passes without a word. <see cref="Cursor"/> moves on when an entry was taken.
    /// </summary>
    /// <param name="wait">False: as much as there is now.</param>
    /// <exception cref="NoAnswerException">Nobody is reached any more. What goes on from <see cref="Cursor"/> loses nothing.</exception>
    public async IAsyncEnumerable<Heard> Inbox(bool wait = true, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Ready(cancel);
        if (Cursor == Now)
        {
            Cursor = (await Page(Now, TimeSpan.Zero, cancel)).NextCursor; // A stream that is cut before its first event has no other place to go on from.
        }

        await foreach (var (cursor, entry) in wait ? Told(Cursor, cancel) : There(Cursor, cancel))
        {
            yield return await Opened(entry, cancel);
            Cursor = cursor;
        }
    }

    /// <summary>What was said in one conversation, as far as this agent was to hear it, its own words included.</summary>
    public async IAsyncEnumerable<Heard> Messages(string conversationId, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        string? after = null;
        while (true)
        {
            var page = (await Send<EntriesData>(HttpMethod.Get, $"{PathOf(conversationId)}/messages{(after is null ? "" : $"?after={Uri.EscapeDataString(after)}")}", cancel: cancel)).Data;
            foreach (var entry in page.Entries) yield return await Opened(entry, cancel);

            if (page.Entries.Count == 0) yield break;
            after = page.NextCursor;
        }
    }

    private async ValueTask<Heard> Opened(InboxEntryData entry, CancellationToken cancel) => _seals ? await Cards.Open(entry, cancel) : new(entry);

    private async Task<EntriesData> Page(string? after, TimeSpan wait, CancellationToken cancel) =>
        (await Send<EntriesData>(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/agent/inbox?wait_seconds={(int)wait.TotalSeconds}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}"), cancel: cancel)).Data;

    private async IAsyncEnumerable<(string Cursor, InboxEntryData Entry)> There(string? cursor, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var page = await Page(cursor, TimeSpan.Zero, cancel);
            for (var i = 0; i < page.Entries.Count; i++)
            {
                yield return (i + 1 < page.Entries.Count ? cursor! : page.NextCursor, page.Entries[i]);
            }

            if (page.Entries.Count == 0) yield break;
            cursor = page.NextCursor;
        }
    }

    private async IAsyncEnumerable<(string Cursor, InboxEntryData Entry)> Told(string? cursor, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (time, retry) = (_http.Time, _http.Retry);
        for (var (attempt, heard) = (0, time.GetTimestamp()); ; attempt++)
        {
            await Ready(cancel); // Who listens for days has the key of the day, also where it says nothing.
            var (connected, pause) = (time.GetTimestamp(), TimeSpan.Zero);
            var asked = new Asked(HttpMethod.Get, cursor is null ? "/agent/inbox" : $"/agent/inbox?after={Uri.EscapeDataString(cursor)}", _credential);
            await using var events = _http.Events(asked, cursor, cancel).GetAsyncEnumerator(cancel);
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync()) break;
                }
                catch (AgoraException lost) when (Transport.Pause(lost, attempt) is { } wait && time.GetElapsedTime(heard) < retry.Deadline)
                {
                    pause = wait;
                    break;
                }

                (attempt, heard, cursor) = (0, time.GetTimestamp(), events.Current.Id);
                yield return (cursor, JsonSerializer.Deserialize<InboxEntryData>(events.Current.Data, Wire.Options)!);
            }

            if (time.GetElapsedTime(connected) >= retry.Timeout)
            {
                (attempt, heard) = (0, time.GetTimestamp()); // It was there for so long, with nothing to say.
            }

            await Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.FromMilliseconds(50 * attempt), time, cancel);
        }
    }
}
