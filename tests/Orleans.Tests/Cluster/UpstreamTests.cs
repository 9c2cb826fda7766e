using System.Diagnostics;
using Agora.Crash.Support;
using Agora.Testing;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>Tools of an upstream where one silo is told of it and another is asked to call it.</summary>
[Collection(TwoSilosCollection.Name)]
public sealed class UpstreamTests(TwoSilos cluster)
{
    /// <summary>What a silo knew of an upstream counts for so long (ADR 0060).</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = Hang.Timeout;

    [PostgresFact]
    public async Task A_tool_that_was_approved_through_one_silo_is_called_through_the_other_and_one_that_changed_is_not_a_second_later()
    {
        var (here, there) = (cluster.Apis[0], cluster.Apis[1]);
        await ToolMarket.Put(here, cluster.Upstream);
        var agent = await ToolMarket.Agent(here, "agent-1");
        await ToolMarket.Refresh(here);
        Assert.Equal("offered", await ToolMarket.State(there, "add"));
        (await ToolMarket.Approve(here, "add", (await ToolMarket.Tools(there))["add"])).Expect(200);
        await ToolMarket.Runs(there, "add", agent);
        Assert.Single(cluster.Upstream.Calls);

        // The other silo goes on asking for it while the change is seen, and for another second.
        var (asked, approved) = (new List<(long At, Received Reply)>(), cluster.Upstream.Tools[0]);
        cluster.Upstream.Tools[0] = ToolServer.Tool("add", "Another");
        var seen = Seen();
        while (!seen.IsCompleted || Stopwatch.GetElapsedTime(await seen) < 2 * Fresh)
        {
            asked.Add((Stopwatch.GetTimestamp(), await ToolMarket.Run(there, agent, "add", asked.Count)));
        }

        var (before, after) = (asked.Where(run => run.Reply.Status == 200).ToList(), asked.Where(run => run.Reply.Status != 200).ToList());
        Assert.All(before, run => Assert.InRange(run.At, 0, seen.Result + (long)(Fresh.TotalSeconds * Stopwatch.Frequency)));
        Assert.All(after, run => Assert.Contains(run.Reply.Code, new[] { "not_found", "unavailable", "upstream_failed" }));
        Assert.NotEmpty(after);
        var paid = 1 + before.Count;
        Assert.Equal(paid, cluster.Upstream.Calls.Count);
        Assert.Equal("changed", await ToolMarket.State(there, "add"));

        // And as it was it is there again, which the other silo is told by whoever asks it.
        cluster.Upstream.Tools[0] = approved;
        await ToolMarket.Refresh(there);
        await ToolMarket.Runs(here, "add", agent);
        Assert.Equal(paid + 1, cluster.Upstream.Calls.Count);
        await Market.Eventually(async () => (await ToolMarket.Wallet(here, "calc-provider")).Balance, cents => cents == (paid + 1) * ToolMarket.PriceCents, Patience);
        Assert.Equal((ToolMarket.DepositCents - ((paid + 1) * ToolMarket.PriceCents), 0), await ToolMarket.Wallet(there, "agent:agent-1"));

        async Task<long> Seen()
        {
            await ToolMarket.Refresh(here);
            return Stopwatch.GetTimestamp();
        }
    }
}
