using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>Alarms that ring at funds while what they posted still rides: whoever is woken must do nothing that rests on it.</summary>
public sealed class HastyAlarm(Tenant tenant) : Caller(tenant)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public async Task Live()
    {
        while (await GoesOn(Look))
        {
            while (LiveStates.Riding.TryDequeue(out var fund))
            {
                if (Random.Next(5) == 0)
                {
                    _ = Cluster.Outside.Wake(fund, Cluster.NewId()); // as the sweeper's: one that is out of reach is woken another time
                }
            }
        }
    }
}
