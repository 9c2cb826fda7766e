using System.Text;
using System.Text.Json;

namespace Agora.Benchmarks.Messages;

/// <summary>Agents of the product, and a conversation for each mailbox.</summary>
internal sealed class AgoraTalk(Uri address) : IDisposable
{
    private const int AtOnce = 64;
    private readonly HttpWire _wire = new(address);

    public Uri Address => address;

    /// <param name="name">Of this set of mailboxes.</param>
    public async Task<Mailbox[]> Open(string name, int count, int senders)
    {
        var mailboxes = new Mailbox[count];
        var keys = await Task.WhenAll(Enumerable.Range(0, senders).Select(n => Agent($"{name}-sender-{n}")));
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (n, _) => mailboxes[n] = await Open($"{name}-reader-{n}", keys[n % senders]));
        return mailboxes;
    }

    public Task Close(Mailbox mailbox) => Ask("POST", $"/conversations/{mailbox.Conversation}/close", mailbox.SenderKey, "{}");

    /// <summary>Its key.</summary>
    public async Task<string> Agent(string id)
    {
        await Ask("PUT", $"/admin/agents/{id}", Product.AdminKey, "{}");
        return (await Ask("POST", $"/admin/agents/{id}/keys", Product.AdminKey, "{}", 201)).GetProperty("key").GetString()!;
    }

    public async Task<JsonElement> Ask(string method, string path, string key, string? body = null, int expected = 200)
    {
        var (status, answer) = await _wire.Send(method, path, key, body);
        return status == expected ? JsonDocument.Parse(answer).RootElement.GetProperty("data")
            : throw new InvalidOperationException($"{method} {path}: {status} {Encoding.UTF8.GetString(answer.Span)}");
    }

    public void Dispose() => _wire.Dispose();

    private async Task<Mailbox> Open(string reader, string senderKey)
    {
        var key = await Agent(reader);
        var limits = """{"messages_per_minute":1000000,"unacknowledged":10000}""";
        var opened = await Ask("POST", "/conversations", senderKey, $$"""{"participants":["{{reader}}"],"limits":{{limits}}}""", 201);
        var conversation = opened.GetProperty("conversation_id").GetString()!;
        await Ask("POST", $"/conversations/{conversation}/join", key, "{}");
        return new(conversation, senderKey, key);
    }
}

/// <summary>A conversation of an agent that speaks with one that listens.</summary>
internal sealed record Mailbox(string Conversation, string SenderKey, string ReaderKey);
