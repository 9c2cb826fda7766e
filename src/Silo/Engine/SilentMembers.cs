using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Agora.Silo.Engine;

/// <summary>
/// Before a silo joins, it waits until members that are gone count as silent. Orleans lets nobody join who cannot reach every active member, and
/// of those a joining silo votes out only the ones that were silent when it began: after a crash of all, a silo that came back before that would
/// wait for the dead until it gave up. At most twice the time after which a member is silent; then Orleans decides.
/// </summary>
internal sealed class SilentMembers(IMembershipTable table, ILocalSiloDetails self, IOptions<ClusterMembershipOptions> options, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly TimeSpan _silentAfter = options.Value.IAmAliveTablePublishTimeout * options.Value.NumMissedTableIAmAliveLimit;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(SilentMembers), ServiceLifecycleStage.First, Wait);

    private async Task Wait(CancellationToken cancel)
    {
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true, cancel);
        var until = time.GetUtcNow() + 2 * _silentAfter;
        while (time.GetUtcNow() < until && await AnyGoneButNotSilent(cancel))
        {
            await Task.Delay(LookEvery, time, cancel);
        }
    }

    private async Task<bool> AnyGoneButNotSilent(CancellationToken cancel)
    {
        var heardSince = time.GetUtcNow().UtcDateTime - _silentAfter;
        foreach (var (member, _) in (await table.ReadAllAsync(cancel)).Members)
        {
            var isHeard = member.IAmAliveTime > heardSince || member.StartTime > heardSince;
            if (member.Status == SiloStatus.Active && isHeard && !member.SiloAddress.Endpoint.Equals(self.SiloAddress.Endpoint) && !await IsListening(member.SiloAddress.Endpoint, cancel))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<bool> IsListening(IPEndPoint endpoint, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(LookEvery);
        using var client = new TcpClient(endpoint.AddressFamily);
        try
        {
            await client.ConnectAsync(endpoint, patience.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
