using Agora.Contracts;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Simulation.Clients;

/// <summary>Whoever tests in the tenant for tests: advances its clock by seconds, hours and weeks while agents are at work there, and says how services answer; and an edge, which looks at the clock again and again.</summary>
public sealed class ClockClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 113) + 71)))
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private EntityRef<ClockCommand> Clock => Cluster.Outside.In(Tenant.Own).Clock;

    public async Task Follow()
    {
        while (true)
        {
            try
            {
                await Cluster.Times.Current(Tenant.Own);
            }
            catch (OperatingException)
            {
                // It is looked at again: until then an edge is behind, and what it sends may be refused.
            }

            await Task.Delay(Limits.ClockFresh, Cluster.Time);
        }
    }

    public async Task Live()
    {
        while (await GoesOn(12 * Cluster.Options.Think))
        {
            await (Random.Next(3) == 0 ? Answer() : Advance());
        }
    }

    private Task Answer() =>
        new OperatorClient(Tenant).PutAnswers(Any(Tenant.Catalogue.Services).ServiceId, Random.Next(2) == 0 ? null : Any(TestFailures.All));

    private async Task Advance()
    {
        var by = Random.Next(3) switch
        {
            0 => TimeSpan.FromSeconds(Random.Next(1, 120)),
            1 => TimeSpan.FromMinutes(Random.Next(1, 3_000)),
            _ => Longest * Random.NextDouble() + TimeSpan.FromSeconds(1),
        };
        var sending = new Sending(Cluster.NewId(), null); // the clock's own time is the world's
        var answer = await Ask(Clock, new ClockCommand.Advance(by, null), sending, "An advance", given => given.Reply is ClockView view
            ? history => history.Count<ClockEvent.Advanced>(Clock.Stream, (e, _) => e.View == view)
            : null);
        if (answer?.Reply is ClockView told)
        {
            await Cluster.Times.Heard(Tenant.Own, told);
            Tenant.Clocks.Acknowledged(told);
        }
    }
}
