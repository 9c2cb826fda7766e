using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Orleans;
using Orleans.Runtime;

namespace Agora.Silo.Engine;

/// <summary>
/// Ends the entities of a silo that leaves a cluster of several, each when it has nothing under way. It stands between two things that Orleans does: the silo says that it shuts down, so that nothing new comes to life in it, and all
/// activations are ended at once. Ended at once, entities that wait for each other's answers wait for as long as an activation may take to end, and callers with them, because an activation that ends takes no message.
/// </summary>
internal sealed class LeavingEntities(Residents residents, IClusterMembershipService membership, ILocalSiloDetails self) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(LeavingEntities), ServiceLifecycleStage.BecomeActive, static _ => Task.CompletedTask, Leave);

    private async Task Leave(CancellationToken cancel)
    {
        if (membership.IsAlone(self)) return;

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        over.CancelAfter(Limits.SettledWithin);
        try
        {
            await foreach (var members in membership.MembershipUpdates.WithCancellation(over.Token))
            {
                if (members.GetSiloStatus(self.SiloAddress) != SiloStatus.Active) break;
            }

            await residents.Leave(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Orleans ends those that are left.
        }
    }
}

internal static class Membership
{
    /// <summary>No other silo of the cluster is active.</summary>
    public static bool IsAlone(this IClusterMembershipService membership, ILocalSiloDetails self) =>
        !membership.CurrentSnapshot.Members.Values.Any(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(self.SiloAddress));
}
