using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Agora.Benchmarks.Messages;

/// <summary>Each reader has a WebSocket on which it is told what its inbox has, and acknowledges what came together; each sender has some, with many messages under way.</summary>
internal sealed class SocketMailboxes : IMailboxes
{
    private const int SocketsOfSender = 2;
    private const int Credits = 5_000;
    private readonly AgoraTalk _talk;
    private readonly Mailbox[] _mailboxes;
    private readonly Dictionary<string, SocketWire[]> _senders = [];
    private readonly List<SocketWire> _readers = [];
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _said = new();
    private int _lastId;

    private SocketMailboxes(AgoraTalk talk, Mailbox[] mailboxes) => (_talk, _mailboxes) = (talk, mailboxes);

    public static async Task<SocketMailboxes> Open(Uri address, string name, int count, int senders)
    {
        var talk = new AgoraTalk(address);
        var opened = new SocketMailboxes(talk, await talk.Open(name, count, senders));
        foreach (var key in opened._mailboxes.Select(mailbox => mailbox.SenderKey).Distinct())
        {
            opened._senders[key] = await Task.WhenAll(Enumerable.Range(0, SocketsOfSender).Select(_ => SocketWire.Open(address, key, opened.Answered)));
        }

        return opened;
    }

    public async Task Read(Action<ReadOnlyMemory<byte>> received)
    {
        foreach (var mailbox in _mailboxes)
        {
            SocketWire? wire = null;
            var listens = new TaskCompletionSource();
            wire = await SocketWire.Open(_talk.Address, mailbox.ReaderKey, frame => Told(frame, mailbox, wire!, received, listens));
            wire.Send($$"""{"type":"listen","after":"now","credits":{{Credits}}}""");
            await listens.Task;
            _readers.Add(wire);
        }
    }

    public async Task Send(int mailbox, ReadOnlyMemory<byte> body)
    {
        var (to, id, said) = (_mailboxes[mailbox], Interlocked.Increment(ref _lastId), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _said[id] = said;
        var wires = _senders[to.SenderKey];
        wires[mailbox / _senders.Count % wires.Length].Send(
            $$$"""{"type":"say","id":{{{id}}},"conversation_id":"{{{to.Conversation}}}","message":{"message_id":"{{{Guid.CreateVersion7()}}}","content":"{{{Encoding.ASCII.GetString(body.Span)}}}"}}""");
        await said.Task;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var wire in _readers.Concat(_senders.Values.SelectMany(wires => wires))) wire.Dispose();
        _talk.Dispose();
        return default;
    }

    private void Answered(ReadOnlyMemory<byte> frame)
    {
        using var document = JsonDocument.Parse(frame);
        var answer = document.RootElement;
        if (!_said.TryRemove(answer.GetProperty("id").GetInt32(), out var said))
        {
            throw new InvalidOperationException("Something was answered that nobody said.");
        }

        if (answer.GetProperty("type").ValueEquals("said"))
        {
            said.SetResult();
        }
        else
        {
            said.SetException(new InvalidOperationException(answer.ToString()));
        }
    }

    private static void Told(ReadOnlyMemory<byte> frame, Mailbox mailbox, SocketWire wire, Action<ReadOnlyMemory<byte>> received, TaskCompletionSource listens)
    {
        using var document = JsonDocument.Parse(frame);
        var type = document.RootElement.GetProperty("type");
        if (type.ValueEquals("listening"))
        {
            listens.SetResult();
        }

        if (!type.ValueEquals("entries")) return;

        var (count, last) = (0, 0L);
        foreach (var entry in document.RootElement.GetProperty("entries").EnumerateArray())
        {
            (count, last) = (count + 1, entry.GetProperty("number").GetInt64());
            if (entry.GetProperty("kind").ValueEquals("message"))
            {
                received(Encoding.ASCII.GetBytes(entry.GetProperty("content").GetString()!));
            }
        }

        wire.Send($$"""{"type":"credit","credits":{{count}}}""");
        wire.Send($$"""{"type":"acknowledge","id":1,"conversation_id":"{{mailbox.Conversation}}","number":{{last}}}""");
    }
}
