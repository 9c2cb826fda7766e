using Agora.Core.Kernel;

namespace Agora.Simulation.Clients;

/// <summary>
/// Somebody who asks again under a key when no process knows the command's id any more: a day may pass before, and any number of rows. It is answered
/// what it was answered then, and nothing else comes of it.
/// </summary>
public sealed class LateClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 41) + 5)))
{
    private static readonly TimeSpan Forgotten = Limits.OutcomeKept + TimeSpan.FromSeconds(5);
    private int _next;

    public async Task Live()
    {
        while (await GoesOn(Cluster.Options.Think))
        {
            var old = Cluster.Acknowledged.FindLastIndex(told => Cluster.Time.GetUtcNow() - told.At > Forgotten);
            if (_next <= old)
            {
                var told = Cluster.Acknowledged[_next = Random.Next(_next, old + 1)];
                _next++;
                if (await told.Again(this) is { Rejection: not { Code: Codes.TestReset } } again && !Cluster.Options.Erases) // what was personal in it may be gone
                {
                    Cluster.Acknowledgements.Repeated(told.First, Text(again));
                }
            }
        }
    }
}
