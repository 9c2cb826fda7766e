using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Simulation.Clients;
using Agora.Simulation.Cluster;
using Agora.Simulation.Plants;

namespace Agora.Simulation;

/// <summary>What became of a seed.</summary>
/// <param name="Finding">The sentence of the checker that found something; null: green.</param>
public sealed record SeedResult(int Seed, string? Finding, string TraceHash, long Rows, int Acknowledged, int Posted, int Failed, int Refused, int Kills, int Approved, int NotApproved, int Refunds, int Rewards, int Saved, int Restored, int Tenants, int Drains, int Overloaded, int Cancelled, int Edited, int Overtaken, int ByHand, int ToolCalls, int ToolsApproved, int ToolsTakenAway, int Advances, int HeldByClock, int Resets, int Rung, int Said, int Told, int Served, int FailedOver, int Unpaid, int Delegated, int Pages, int ModelCalls, int Estimates, int Hits, int OutputsTaken, int Turns, int TakenOver, int Interventions, int Remembered, int Hints, int Scores, int Preferred, int Imported, int Judged, int InVain);

/// <summary>
/// One seed, from its first draw to its last check. Safety: clients act while messages, processes, clocks, services and the
/// journal go wrong; no rule may break. Liveness: all of that stops; within the times of design §3 everything comes to rest.
/// </summary>
public static class SeedRun
{
    /// <summary>Agents of a tenant that have agents do runs above all.</summary>
    private const int Buyers = 3;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ArchiveEvery = TimeSpan.FromSeconds(40);

    /// <summary>After this long without faults, and without clients, no hold and no step may be left; before it clients get their last answers.</summary>
    private static readonly TimeSpan HoldsEnd = TimeSpan.FromSeconds(120);

    /// <summary>So long after closing time even those have woken who slept; no sooner, so that seeds in which all wake by themselves keep their course.</summary>
    public static readonly TimeSpan ClientsWake = HoldsEnd - Slice;

    /// <summary>Claims that were made last, and rewards that are paid last, and 120 s.</summary>
    private static readonly TimeSpan RewardsEnd = Limits.ClaimTime + HoldsEnd;

    /// <summary>What was refused most often waits longest for its next try.</summary>
    private static readonly TimeSpan DeliveriesEnd = Limits.WebhookPauses[^1] + HoldsEnd;

    /// <summary>An alarm that has nothing left to wake may stand this much longer.</summary>
    private static readonly TimeSpan AlarmsEnd = TimeSpan.FromSeconds(60);

    public static SeedResult Run(int seed, Plant plant, TextWriter? log = null) =>
        Run(new SimCluster(plant.Draw(SeedOptions.Draw(seed, wide: seed > SeedOptions.WideAbove || plant.IsWide)), plant, log));

    public static SeedResult Run(SimCluster cluster)
    {
        Simulate(cluster);
        return new(
            cluster.Options.Seed, cluster.Findings.First, cluster.Scheduler.Trace.ToString(), cluster.History.Rows, cluster.Acknowledgements.Count,
            cluster.Tenants.Sum(t => t.Runs.Posted), cluster.Tenants.Sum(t => t.Runs.Failed), cluster.Tenants.Sum(t => t.Runs.Refused), cluster.Kills,
            cluster.Tenants.Sum(t => t.Approvals.Count(ApprovalState.Approved)),
            cluster.Tenants.Sum(t => t.Approvals.Count(ApprovalState.Denied) + t.Approvals.Count(ApprovalState.Expired) + t.Approvals.Count(ApprovalState.Ended)),
            cluster.Tenants.Sum(t => t.Refunds.Accepted), cluster.Tenants.Sum(t => t.Rewards.Paid), cluster.Snapshots.Saved, cluster.Snapshots.Restored, cluster.Options.Tenants, cluster.Departures.Count, cluster.Overloads.Count, cluster.Tenants.Sum(t => t.Cancellations.Count), cluster.Tenants.Sum(t => t.Edits.Count), cluster.Tenants.Sum(t => t.Edits.Overtaken), cluster.Tenants.Sum(t => t.Payments.ByHand),
            cluster.Tenants.Sum(t => t.Tools.Calls), cluster.Tenants.Sum(t => t.Tools.Approved), cluster.Tenants.Sum(t => t.Tools.TakenAway), cluster.Tenants.Sum(t => t.Clocks.Advances), cluster.Tenants.Sum(t => t.Clocks.Held), cluster.Tenants.Count(t => t.Clocks.IsOver), cluster.Tenants.Sum(t => t.Clocks.Rung),
            cluster.Tenants.Sum(t => t.Conversations.Entries.Count), cluster.Tenants.Sum(t => t.Reading.Told), cluster.Tenants.Sum(t => t.PaidReplies.Served), cluster.Tenants.Sum(t => t.PaidReplies.FailedOver), cluster.Tenants.Sum(t => t.PaidReplies.Unpaid), cluster.Tenants.Sum(t => t.Conversations.Delegated), cluster.Tenants.Sum(t => t.Posted.Count), cluster.Tenants.Sum(t => t.ModelCalls.Sent), cluster.Tenants.Sum(t => t.ModelCalls.Estimates), cluster.Tenants.Sum(t => t.CachedReplies.Hits), cluster.Tenants.Sum(t => t.CachedReplies.OfServices), cluster.Tenants.Sum(t => t.Watches.Turns), cluster.Tenants.Sum(t => t.Watches.TakenOver), cluster.Tenants.Sum(t => t.Watches.Interventions), cluster.Tenants.Sum(t => t.Memories.Read), cluster.Tenants.Sum(t => t.Plays.Hints), cluster.Tenants.Sum(t => t.Plays.Scores), cluster.Tenants.Sum(t => t.Preferences.Read), cluster.Tenants.Sum(t => t.Imports.Count), cluster.Tenants.Sum(t => t.Sentiments.Judged), cluster.Tenants.Sum(t => t.Sentiments.InVain));
    }

    private static void Simulate(SimCluster cluster)
    {
        foreach (var tenant in cluster.Tenants.Where(tenant => tenant.Clocks.HasBegun))
        {
            if (cluster.Options.Webhooks && (!tenant.IsTest || cluster.Options.Rings))
            {
                var webhook = new WebhookClient(tenant);
                cluster.Scheduler.Run(webhook.SetUp);
                _ = cluster.Scheduler.Start(webhook.Wake);
            }

            if (cluster.Options.Posts && !tenant.IsTest)
            {
                var posting = new InboxWebhookClient(tenant);
                cluster.Scheduler.Run(posting.SetUp);
                _ = cluster.Scheduler.Start(posting.Wake);
            }

            if (tenant.IsTest)
            {
                _ = cluster.Scheduler.Start(new ClockClient(tenant).Follow);
                cluster.Scheduler.RunFor(Slice);
            }
            else if (cluster.Options.Hub)
            {
                var upstreams = new UpstreamClient(tenant);
                cluster.Scheduler.Run(upstreams.SetUp);
                _ = cluster.Scheduler.Start(upstreams.Wake);
            }

            cluster.Scheduler.Run(new OperatorClient(tenant).SetUp);
        }

        cluster.Storm();
        _ = cluster.Scheduler.Start(() => Archive(cluster));
        var each = new List<(string Name, Task Done)>();
        var clients = cluster.Scheduler.Start(() => Clients(cluster, each));
        if (!Holds(cluster, cluster.Options.Safety)) return;

        cluster.Whole.Check();
        cluster.Calm();
        if (!HoldsAfter(clients, cluster)) return;

        cluster.Findings.Expect(clients.IsCompleted, $"A client still waits for an answer: {string.Join(", ", each.Where(client => !client.Done.IsCompleted).Select(client => client.Name))}.");
        if (clients.Exception is { } broken) throw broken;

        cluster.AtRest.Check(begunBefore: cluster.Time.GetUtcNow() - HoldsEnd);
        if (Holds(cluster, RewardsEnd))
        {
            foreach (var tenant in cluster.Tenants.Where(tenant => !tenant.Clocks.IsOver))
            {
                tenant.Rewards.Over();
            }

            cluster.AtRest.Check();
        }

        if ((cluster.Options.Webhooks || cluster.Options.Posts) && Holds(cluster, DeliveriesEnd))
        {
            foreach (var tenant in cluster.Tenants.Where(tenant => !tenant.Clocks.IsOver))
            {
                tenant.Webhooks.Over();
                tenant.Posted.Over();
            }
        }

        if (Holds(cluster, AlarmsEnd))
        {
            cluster.Scheduler.Run(cluster.AtRest.CheckAlarms);
            cluster.Scheduler.Run(cluster.Archive);
            ReadInboxes(cluster);
            cluster.Scheduler.Run(() => cluster.AtRest.CompareLiveStates(cluster.NewId));
            cluster.KillAll(); // what is loaded anew, from snapshots where there are some, is the same again
            cluster.Scheduler.Run(() => cluster.AtRest.CompareLiveStates(cluster.NewId));
            if (cluster.Options.DrainEvery is not null)
            {
                for (var silo = 0; silo < cluster.Options.Silos; silo++)
                {
                    cluster.Scheduler.Run(() => cluster.DrainOne(silo));
                }

                cluster.Scheduler.Run(() => cluster.AtRest.CompareLiveStates(cluster.NewId));
            }

            cluster.Scheduler.Run(cluster.WhatIf.Check);
            cluster.Whole.Check();
            cluster.Scheduler.Run(cluster.AtRest.CompareTables);
        }
    }

    private static async Task Archive(SimCluster cluster)
    {
        while (!cluster.Closing)
        {
            await Task.Delay(ArchiveEvery, cluster.Time);
            await cluster.Archive();
        }
    }

    /// <summary>Each process tells each agent the same, whatever it was told before.</summary>
    private static void ReadInboxes(SimCluster cluster)
    {
        foreach (var tenant in cluster.Tenants.Where(tenant => cluster.Options.Talks && !tenant.Clocks.IsOver))
        {
            for (var agent = 0; agent < TalkClient.Agents.Count; agent++)
            {
                cluster.Scheduler.Run(() => new InboxReader(tenant, agent).ReadAll(cluster.Random.Next(cluster.Options.Silos)));
            }
        }
    }

    /// <summary>What a client that slept asked for last has <see cref="HoldsEnd"/> too: its hold may be one that is asked about after a minute.</summary>
    private static bool HoldsAfter(Task clients, SimCluster cluster)
    {
        var left = cluster.Options.Aftermath + HoldsEnd;
        for (; !clients.IsCompleted && left > TimeSpan.Zero; left -= Slice)
        {
            if (!Holds(cluster, left < Slice ? left : Slice)) return false;
        }

        return Holds(cluster, left > HoldsEnd ? left : HoldsEnd);
    }

    /// <summary>Runs for so long, looking at what is committed all the while; false as soon as something is found.</summary>
    private static bool Holds(SimCluster cluster, TimeSpan span)
    {
        for (var left = span; left > TimeSpan.Zero && !cluster.Findings.Any; left -= Slice)
        {
            cluster.Scheduler.RunFor(left < Slice ? left : Slice);
            cluster.History.CatchUp();
        }

        return !cluster.Findings.Any;
    }

    /// <param name="each">Those that are at work, by name.</param>
    private static async Task Clients(SimCluster cluster, List<(string Name, Task Done)> each)
    {
        var drainer = Drain(cluster);
        var killer = Kill(cluster); // is asleep for up to four minutes: nobody waits for it
        each.AddRange([.. Alone(cluster.Tenants[0])]);
        foreach (var tenant in cluster.Tenants.Skip(1))
        {
            each.AddRange(tenant.Clocks.HasBegun ? [.. Of(tenant)] : [($"generation {tenant.Own.Generation}", Next(tenant))]);
        }

        await Task.WhenAll(each.Select(client => client.Done));
        if (drainer.IsFaulted)
        {
            await drainer;
        }

        if (killer.IsFaulted)
        {
            await killer;
        }
    }

    /// <summary>A generation of a tenant for tests begins when the one before is over, or not at all.</summary>
    private static async Task Next(Tenant tenant)
    {
        while (!tenant.Clocks.HasBegun)
        {
            if (tenant.Cluster.Closing) return;

            await Task.Delay(Slice, tenant.Cluster.Time);
        }

        if (tenant.Cluster.Options.Webhooks)
        {
            var webhook = new WebhookClient(tenant);
            await webhook.SetUp();
            _ = webhook.Wake();
        }

        await new OperatorClient(tenant).SetUp();
        await Task.WhenAll(Of(tenant).Select(client => client.Done));
    }

    /// <summary>Those of the first tenant, and those who act for all.</summary>
    private static IEnumerable<(string Name, Task Done)> Alone(Tenant tenant) =>
    [
        .. Managers(tenant), ("hasty node", new HastyNode(tenant).Live()), ("hasty alarm", new HastyAlarm(tenant).Live()),
        ("access", new AccessClient(tenant).Live()), ("late", new LateClient(tenant).Live()), ("tardy", new TardyClient(tenant).Live()), .. Agents(tenant), .. Cancellers(tenant), .. Editors(tenant), .. Settlers(tenant), .. Raisers(tenant), .. Linkers(tenant), .. Hubs(tenant), .. Talkers(tenant), .. Sellers(tenant), .. Callers(tenant), .. Watchers(tenant), .. Rememberers(tenant), .. Practisers(tenant), .. Preferers(tenant), .. Movers(tenant),
    ];

    private static IEnumerable<(string Name, Task Done)> Of(Tenant tenant) =>
        [.. Managers(tenant), ("access", new AccessClient(tenant).Live()), .. tenant.IsTest ? Array.Empty<(string Name, Task Done)>() : [("tardy", new TardyClient(tenant).Live())], .. Agents(tenant), .. Cancellers(tenant), .. Editors(tenant), .. Settlers(tenant), .. Raisers(tenant), .. Linkers(tenant), .. Hubs(tenant), .. Talkers(tenant), .. Sellers(tenant), .. Callers(tenant), .. Watchers(tenant), .. Rememberers(tenant), .. Practisers(tenant), .. Preferers(tenant), .. Movers(tenant), .. Testers(tenant)];

    private static IEnumerable<(string Name, Task Done)> Cancellers(Tenant tenant) => tenant.Cluster.Options.Cancels ? [("canceller", new CancelClient(tenant).Live())] : [];

    private static IEnumerable<(string Name, Task Done)> Linkers(Tenant tenant) => tenant.Cluster.Options.Links ? [("linker", new LinkClient(tenant).Live())] : [];

    private static IEnumerable<(string Name, Task Done)> Raisers(Tenant tenant) => tenant.Cluster.Options.Raises ? [("raiser", new RaiseClient(tenant).Live())] : [];

    private static IEnumerable<(string Name, Task Done)> Hubs(Tenant tenant) => tenant is { IsTest: false, Cluster.Options.Hub: true } ? [("upstreams", new UpstreamClient(tenant).Live()), ("vendors", new UpstreamClient(tenant).Vend())] : [];

    private static IEnumerable<(string Name, Task Done)> Callers(Tenant tenant) =>
        tenant.Cluster.Options.Models ? [.. Enumerable.Range(0, ModelClient.Processes).Select(number => ($"caller {number}", new ModelClient(tenant, number).Live()))] : [];

    private static IEnumerable<(string Name, Task Done)> Watchers(Tenant tenant) => tenant is not { IsTest: false, Cluster.Options.Watches: true } ? []
        : [.. Enumerable.Range(0, WatchClient.People).Select(number => ($"watcher {number}", new WatchClient(tenant, number).Live())), .. Enumerable.Range(ModelClient.Processes, ModelClient.Drivers).Select(number => ($"driver {number}", new ModelClient(tenant, number).Drive()))];

    private static IEnumerable<(string Name, Task Done)> Rememberers(Tenant tenant) =>
        tenant is not { IsTest: false, Cluster.Options.Memories: true } ? [] : [.. Enumerable.Range(0, MemoryClient.Processes).Select(number => ($"rememberer {number}", new MemoryClient(tenant, number).Live()))];

    private static IEnumerable<(string Name, Task Done)> Practisers(Tenant tenant) =>
        tenant is not { IsTest: false, Cluster.Options.Plays: true } ? [] : [.. Enumerable.Range(ModelClient.Processes + ModelClient.Drivers, ModelClient.Stages).Select(number => ($"stage {number}", new ModelClient(tenant, number).Practise()))];

    private static IEnumerable<(string Name, Task Done)> Preferers(Tenant tenant) =>
        tenant is not { IsTest: false, Cluster.Options.Preferences: true } ? [] : [.. Enumerable.Range(0, PreferenceClient.Processes).Select(number => ($"preferer {number}", new PreferenceClient(tenant, number).Live()))];

    private static IEnumerable<(string Name, Task Done)> Movers(Tenant tenant) =>
        tenant is not { IsTest: false, Cluster.Options.Moves: true } ? [] : [.. Enumerable.Range(0, MoveClient.Processes).Select(number => ($"mover {number}", new MoveClient(tenant, number).Live()))];

    private static IEnumerable<(string Name, Task Done)> Talkers(Tenant tenant) => !tenant.Cluster.Options.Talks ? []
        : [("cards", new CardClient(tenant).Live()), .. Enumerable.Range(0, TalkClient.Agents.Count).SelectMany<int, (string, Task)>(number => [($"talker {number}", new TalkClient(tenant, number).Live()), ($"reader {number}", new InboxReader(tenant, number).Live())])];

    private static IEnumerable<(string Name, Task Done)> Sellers(Tenant tenant) => tenant is not { IsTest: false, Cluster.Options.Skills: true } ? []
        : [.. SellerClient.Of(tenant).Select((agent, number) => ($"seller {agent}", new SellerClient(tenant, agent, number).Live())), .. Enumerable.Range(0, Buyers).Select(number => ($"buyer {number}", Buyer(tenant, number).Live()))];

    private static AgentClient Buyer(Tenant tenant, int number)
    {
        var random = new Random(unchecked((tenant.Cluster.Options.Seed * 163) + 113 + (1_000_003 * tenant.Number) + (7_919 * number)));
        return new(tenant, tenant.Catalogue.Agents[random.Next(tenant.Catalogue.Agents.Count)], tenant.Catalogue.Users[random.Next(tenant.Catalogue.Users.Count)], random);
    }

    private static IEnumerable<(string Name, Task Done)> Testers(Tenant tenant) => tenant.IsTest ? [("tester", new ClockClient(tenant).Live()), .. Resetters(tenant)] : [];

    private static IEnumerable<(string Name, Task Done)> Resetters(Tenant tenant) => tenant.Own.Generation < tenant.Cluster.Options.Generations ? [("resetter", new ClockClient(tenant).Reset())] : [];

    private static IEnumerable<(string Name, Task Done)> Editors(Tenant tenant) => tenant.Cluster.Options.Edits ? [("editor", new EditClient(tenant).Live())] : [];

    private static IEnumerable<(string Name, Task Done)> Settlers(Tenant tenant) => tenant is { IsTest: false, Cluster.Options.SettlesByHand: true } ? [("settler", new SettlingClient(tenant).Live())] : [];

    private static IEnumerable<(string Name, Task Done)> Managers(Tenant tenant) =>
    [
        ("operator", new OperatorClient(tenant).Live()), ("wallet 1", new WalletClient(tenant).Live()), ("wallet 2", new WalletClient(tenant).Live()),
        ("approver", new ApproverClient(tenant).Live()), ("refunds", new RefundClient(tenant).Live()),
    ];

    private static IEnumerable<(string Name, Task Done)> Agents(Tenant tenant)
    {
        foreach (var agent in tenant.Catalogue.Agents)
        {
            for (var worker = 0; worker < tenant.Cluster.Options.Workers; worker++)
            {
                yield return ($"{agent} {worker}", new AgentClient(tenant, agent, tenant.Catalogue.Users[tenant.Cluster.Random.Next(tenant.Catalogue.Users.Count)]).Live());
            }
        }
    }

    private static async Task Drain(SimCluster cluster)
    {
        while (cluster.Options.DrainEvery is { } every && !cluster.Closing)
        {
            await Task.Delay(2 * every * cluster.Random.NextDouble(), cluster.Time);
            if (!cluster.Closing)
            {
                await cluster.DrainOne(cluster.Random.Next(cluster.Options.Silos));
            }
        }
    }

    private static async Task Kill(SimCluster cluster)
    {
        while (cluster.Options.KillEvery is { } every && !cluster.Closing)
        {
            await Task.Delay(2 * every * cluster.Random.NextDouble(), cluster.Time);
            if (!cluster.Closing)
            {
                cluster.KillOne();
            }
        }
    }
}
