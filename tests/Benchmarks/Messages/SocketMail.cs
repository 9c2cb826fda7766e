using Agora.Benchmarks.Servers;
using Agora.Benchmarks.SideBySide;

namespace Agora.Benchmarks.Messages;

/// <summary>The product by WebSockets, in a process and a database of its own.</summary>
internal sealed class SocketMail(Child server, int senders) : IMailServer
{
    private int _opened;

    public string Name => "sockets";

    public string What => $"Agora as above, by WebSockets: {senders} agents that speak, with two connections each, and a connection for each that listens";

    public IReadOnlyList<Uri> Addresses => server.Addresses;

    public IReadOnlyList<int> Processes => server.Processes;

    public TimeSpan Cpu => server.Cpu;

    public static async Task<SocketMail> Start(Stage stage, int senders) => new((await stage.Agora(name: "agora_sockets")).Agora, senders);

    public Task<long> Allocated() => server.Allocated();

    public async Task<IMailboxes> Open(int count) => await SocketMailboxes.Open(server.Address, $"s{_opened++}", count, senders);

    // Its stage ends it.
    public ValueTask DisposeAsync() => default;
}
