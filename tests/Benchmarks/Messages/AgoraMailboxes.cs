using System.Text;

namespace Agora.Benchmarks.Messages;

/// <summary>Each reader asks for its inbox by a long poll, again and again, and acknowledges what came of its conversation.</summary>
internal sealed class AgoraMailboxes : IMailboxes
{
    private readonly AgoraTalk _talk;
    private readonly Mailbox[] _mailboxes;
    private readonly List<Task> _reading = [];
    private volatile bool _over;

    private AgoraMailboxes(AgoraTalk talk, Mailbox[] mailboxes) => (_talk, _mailboxes) = (talk, mailboxes);

    /// <param name="name">Of this set of mailboxes.</param>
    public static async Task<AgoraMailboxes> Open(Uri address, string name, int count, int senders)
    {
        var talk = new AgoraTalk(address);
        return new(talk, await talk.Open(name, count, senders));
    }

    public async Task Read(Action<ReadOnlyMemory<byte>> received)
    {
        foreach (var mailbox in _mailboxes)
        {
            var now = await _talk.Ask("GET", "/agent/inbox?after=now", mailbox.ReaderKey);
            _reading.Add(Task.Run(() => Read(mailbox, now.GetProperty("next_cursor").GetString()!, received)));
        }
    }

    public async Task Send(int mailbox, ReadOnlyMemory<byte> body)
    {
        var to = _mailboxes[mailbox];
        if (_reading.Find(static reading => reading.IsFaulted) is { } failed)
        {
            await failed;
        }

        await _talk.Ask("POST", $"/conversations/{to.Conversation}/messages", to.SenderKey, $$"""{"message_id":"{{Guid.CreateVersion7()}}","content":"{{Encoding.ASCII.GetString(body.Span)}}"}""", 201);
    }

    public async ValueTask DisposeAsync()
    {
        _over = true;
        foreach (var mailbox in _mailboxes) await _talk.Close(mailbox); // It is told, so that no reader waits any more.
        await Task.WhenAll(_reading);
        _talk.Dispose();
    }

    private async Task Read(Mailbox mailbox, string after, Action<ReadOnlyMemory<byte>> received)
    {
        while (!_over)
        {
            var page = await _talk.Ask("GET", $"/agent/inbox?after={after}&limit=100&wait_seconds=20", mailbox.ReaderKey);
            after = page.GetProperty("next_cursor").GetString()!;
            var last = 0L;
            foreach (var entry in page.GetProperty("entries").EnumerateArray())
            {
                last = entry.GetProperty("number").GetInt64();
                if (entry.GetProperty("kind").ValueEquals("message"))
                {
                    received(Encoding.ASCII.GetBytes(entry.GetProperty("content").GetString()!));
                }
            }

            if (last > 0 && !_over)
            {
                await _talk.Ask("POST", $"/conversations/{mailbox.Conversation}/acknowledge", mailbox.ReaderKey, $$"""{"number":{{last}}}""");
            }
        }
    }
}
