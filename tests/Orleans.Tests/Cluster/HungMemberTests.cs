using System.Net;
using System.Net.Sockets;
using Agora.Testing.Postgres;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>A member that takes connections and never says a word, as a silo that hangs.</summary>
public sealed class HungMemberTests(RealCluster cluster) : IClassFixture<RealCluster>
{
    private const int Dead = 6;
    private static readonly TimeSpan Patience = Hang.Timeout;

    [PostgresFact]
    public async Task Two_silos_each_vote_against_a_member_that_hangs_by_what_they_missed_themselves()
    {
        using var hung = new TcpListener(IPAddress.Loopback, 0);
        hung.Start();
        // Its heartbeat is in the future: it never counts as silent, so one vote is never enough.
        PostgresServer.Execute(cluster.Database, $"""
            INSERT INTO orleansmembershiptable (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
            VALUES ('agora', '127.0.0.1', {((IPEndPoint)hung.LocalEndpoint).Port}, 1, 'hung', 'hung', 3, 0, now(), now() + interval '1 day');
            UPDATE orleansmembershipversiontable SET version = version + 1 WHERE deploymentid = 'agora'
            """);
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (PostgresServer.Scalar<int>(cluster.Database, "SELECT status FROM orleansmembershiptable WHERE siloname = 'hung'") != Dead)
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }

        // "silo,time|silo,time": whoever declares it dead is named once more. A vote that one silo casts for another has the time of its own.
        var votes = PostgresServer.Scalar<string>(cluster.Database, "SELECT suspecttimes FROM orleansmembershiptable WHERE siloname = 'hung'")
            .Split('|').Select(vote => vote.Split(',', 2)).Select(vote => (Silo: vote[0], At: vote[1])).Distinct().ToList();
        Assert.True(votes.Select(v => v.Silo).Distinct().Count() == 2, string.Join(' ', votes));
        Assert.True(votes.Select(v => v.At).Distinct().Count() == 2, string.Join(' ', votes));
    }
}
