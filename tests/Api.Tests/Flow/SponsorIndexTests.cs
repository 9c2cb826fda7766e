using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Services;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Api.Tests.Flow;

/// <summary>Who would pay for a service is asked of the campaigns that name it; here that is held against a walk over all campaigns, which is slow and plain.</summary>
public sealed class SponsorIndexTests
{
    private const int Services = 40, Campaigns = 30, Steps = 3_000, Prices = 4;
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Tenant[] Tenants = [Tenant.Default, Tenant.Parse("second")!];
    private static readonly string[] Names = ["a", "b", "c"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_history_of_a_catalogue_finds_the_sponsors_that_a_walk_over_all_campaigns_finds(int seed)
    {
        var (random, catalogues, seen) = (new Random(seed), new Catalogues(), new Seen());
        for (var step = 1; step <= Steps; step++)
        {
            Change(random, catalogues, Noon.AddSeconds(step));
            if (step % 5 == 0)
            {
                Compare(random, Flow(random, catalogues.In(random.GetItems(Tenants, 1)[0])), seen);
            }
        }

        Assert.All([seen.Now, seen.Later, seen.Never, seen.NotAsked], count => Assert.InRange(count, 100, int.MaxValue));
    }

    private static void Compare(Random random, FlowState flow, Seen seen)
    {
        var (walked, known) = (Walk(flow), flow.Lifted());
        foreach (var service in flow.Catalogue.Services)
        {
            var lift = known.TryGetValue(service.ServiceId, out var given) ? given : flow.IsLiftedLater(flow.Catalogue.GroupOf(service)) ? 1 : 0;
            Assert.Equal(walked.GetValueOrDefault(service.ServiceId), lift);
            Assert.Equal(
                flow.Catalogue.Campaigns.Where(c => flow.WouldSponsor(c, service)).Select(c => c.CampaignId),
                flow.Catalogue.SponsorsOf(service).Where(c => flow.WouldSponsor(c, service)).Select(c => c.CampaignId));
            seen.Count(lift);
        }

        var search = new ServiceSearch(
            random.Next(3) == 0 ? null : string.Join(' ', random.GetItems(Names, 2)), null, null, null, random.Next(4) == 0, false, random.Next(2) == 0, new(random.Next(3) * random.Next(20), random.Next(1, 15)));
        var (query, asked) = (search.Query(flow), 0);
        var found = flow.Catalogue.Search(query with { IsLifted = group => Count(query.IsLifted!(group), ref asked) });
        var expected = flow.Catalogue.Search(query with { Boosts = walked, IsLifted = null, OnlyLifted = false, OnlyIds = search.OnlySponsored ? walked.Keys.ToHashSet() : null });
        Assert.Equal(expected.Hits, found.Hits);
        Assert.Equal(expected.TotalCount, found.TotalCount);
        seen.NotAsked += Math.Max(0, found.TotalCount - asked);
    }

    private static bool Count(bool answer, ref int asked)
    {
        asked++;
        return answer;
    }

    /// <summary>2 where a sponsor pays now, 1 where one would once its task is done.</summary>
    private static Dictionary<string, int> Walk(FlowState flow)
    {
        var lifted = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var campaign in flow.Catalogue.Campaigns)
        {
            foreach (var covered in campaign.Definition.Services)
            {
                if (flow.Catalogue.Service(covered.ServiceId) is not { } service || !campaign.Covers(service)) continue;

                var lift = Pays(flow, campaign, service.Definition.PriceMicros) ? 2 : flow.CanDo(campaign) ? 1 : 0;
                if (lift > 0)
                {
                    lifted[covered.ServiceId] = Math.Max(lift, lifted.GetValueOrDefault(covered.ServiceId));
                }
            }
        }

        return lifted;
    }

    private static bool Pays(FlowState flow, CampaignEntry campaign, long price) =>
        campaign.IsOpen(Noon) && campaign.HasLeft(price) && flow.Completion(campaign.CampaignId) is { Consented: true } done && done.RunsUsed < campaign.Definition.RunsPerCompletion
        && !(done.MicrosUsed + price > campaign.Definition.MaxMicrosPerUser) && flow.IsForUser(campaign);

    private static void Change(Random random, Catalogues catalogues, DateTimeOffset at)
    {
        var tenant = random.GetItems(Tenants, 1)[0];
        var catalogue = catalogues.In(tenant);
        switch (random.Next(100))
        {
            case 0: // what a fail-over has cut off is gone, in all tenants
                catalogues.Load(
                    Tenants.SelectMany(t => catalogues.In(t).Services.Where(_ => random.Next(8) > 0).Select(s => (t, s))).ToLookup(s => s.t, s => s.s),
                    Tenants.SelectMany(t => catalogues.In(t).Campaigns.Where(_ => random.Next(8) > 0).Select(c => (t, c))).ToLookup(c => c.t, c => c.c),
                    Enumerable.Empty<int>().ToLookup(_ => Tenant.Default, _ => default(Core.Agents.AgentCard)!));
                break;
            case < 40:
                catalogue.Put(Service(random, at));
                break;
            default:
                catalogue.Put(Campaign(random, at));
                break;
        }
    }

    private static ServiceEntry Service(Random random, DateTimeOffset at) => new(
        $"s{random.Next(Services)}",
        new(string.Join(' ', random.GetItems(Names, 2)), "", random.GetItems(Names, 1)[0], random.Next(Prices), "https://a.example", "provider", Maybe(random), null, null, null, 1_000, Active: random.Next(10) > 0),
        Disabled: random.Next(10) == 0,
        at);

    private static CampaignEntry Campaign(Random random, DateTimeOffset at) => new(
        $"c{random.Next(Campaigns)}",
        new(
            "Acme",
            Maybe(random),
            new("n", random.GetItems(Names, 1)[0], "", "true", Some(random), Some(random)),
            [.. Enumerable.Range(0, random.Next(5)).Select(_ => new SponsoredService($"s{random.Next(Services)}", random.Next(2) == 0 ? null : random.Next(Prices)))],
            random.Next(3) > 0 ? [] : [new(random.GetItems(Names, 1)[0], [.. random.GetItems(Names, 2)])],
            random.Next(4),
            random.Next(2) == 0 ? null : random.Next(2 * Prices),
            null,
            null,
            Time(random),
            Time(random),
            Active: random.Next(8) > 0,
            RewardMicros: random.Next(2) * random.Next(Prices),
            AllowRelated: random.Next(2) == 0),
        Closed: random.Next(8) == 0,
        at,
        ShortMicros: random.Next(4) == 0 ? random.Next(Prices) : null,
        IsFull: random.Next(8) == 0);

    private static FlowState Flow(Random random, ServiceCatalogue catalogue)
    {
        var scopes = new Scopes(Allowed(random), Allowed(random), Allowed(random), Allowed(random));
        var session = new SessionView("s", "agent", "user", scopes, new(100, 0, 0, 100), default!, Noon, Noon.AddHours(1), null, false, null, []);
        IReadOnlyList<CompletedCampaign> completed =
            [.. Enumerable.Range(0, Campaigns).Where(_ => random.Next(5) == 0).Select(n => new CompletedCampaign($"c{n}", Guid.Empty, Noon, random.Next(4), random.Next(Prices), random.Next(5) > 0))];
        IReadOnlyList<UserAttribute>? attributes = random.Next(4) == 0 ? null : [new(random.GetItems(Names, 1)[0], [.. random.GetItems(Names, 2)])];
        return new(Tenant.Default, session, new(completed), 100, attributes, catalogue, new(new()), Noon);
    }

    private static string? Maybe(Random random) => random.Next(2) == 0 ? null : random.GetItems(Names, 1)[0];

    private static IReadOnlyList<string> Some(Random random) => [.. random.GetItems(Names, random.Next(3) / 2)];

    private static IReadOnlyList<string> Allowed(Random random) => random.Next(2) == 0 ? ["*"] : [.. random.GetItems(Names, random.Next(4))];

    private static DateTimeOffset? Time(Random random) => random.Next(3) > 0 ? null : Noon.AddMinutes(random.Next(-1, 2));

    private sealed class Seen
    {
        public int Now { get; private set; }

        public int Later { get; private set; }

        public int Never { get; private set; }

        /// <summary>Matches whose sponsors nobody looked for.</summary>
        public int NotAsked { get; set; }

        public void Count(int lift)
        {
            (Now, Later, Never) = lift switch { 2 => (Now + 1, Later, Never), 1 => (Now, Later + 1, Never), _ => (Now, Later, Never + 1) };
        }
    }
}
