using Agora.Benchmarks.Servers;
using Agora.Benchmarks.SideBySide;

namespace Agora.Benchmarks.Messages;

/// <summary>The product. A mailbox is an agent's inbox: a few agents speak to it, each in a conversation of the two.</summary>
internal sealed class AgoraMail(Child server, int senders) : IMailServer
{
    private int _opened;

    public string Name => "agora";

    public string What => $"Agora on PostgreSQL, {Product.Settings}: {senders} agents that speak, one that listens a mailbox, by HTTP with keys of their own; what came together is acknowledged together";

    public IReadOnlyList<Uri> Addresses => server.Addresses;

    public IReadOnlyList<int> Processes => server.Processes;

    public TimeSpan Cpu => server.Cpu;

    public static async Task<AgoraMail> Start(Stage stage, int senders) => new((await stage.Agora()).Agora, senders);

    public Task<long> Allocated() => server.Allocated();

    public async Task<IMailboxes> Open(int count) => await AgoraMailboxes.Open(server.Address, $"m{_opened++}", count, senders);

    // Its stage ends it.
    public ValueTask DisposeAsync() => default;
}
