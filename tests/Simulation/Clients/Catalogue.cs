using Agora.Core.Campaigns;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>
/// What the seed's world knows, as the API's catalogue would. Amounts are small numbers close to each other, so that budgets,
/// caps and escrows run out all the time.
/// </summary>
public sealed class Catalogue
{
    public const string TaskType = "survey";
    public const string Category = "text";
    public const string Owner = "acme";
    private static readonly string[] Zones = ["UTC", "Asia/Tokyo", "America/Los_Angeles"];

    private readonly SortedDictionary<string, CampaignDefinition> _campaigns = new(StringComparer.Ordinal);

    public Catalogue(SeedOptions options, Random random)
    {
        Users = [.. Enumerable.Range(1, options.Users).Select(n => $"user-{n}")];
        Agents = [.. Enumerable.Range(1, options.Agents).Select(n => $"agent-{n}")];
        Services = [.. Enumerable.Range(1, options.Services).Select(n => new ServiceTerms(
            $"service-{n}", Category, random.Next(6) == 0 ? 0 : random.Next(1, 8) * 10_000, $"provider-{random.Next(1, 3)}", null, false))];
        Services = [.. Services.Select(s => s with { Metered = s.PriceMicros > 0 && random.Next(4) == 0 })];
        if (options.Skills)
        {
            Services = [.. Services, AskedServices.OfSkill, AskedServices.OfAgent];
        }

        foreach (var id in Enumerable.Range(1, options.Campaigns).Select(n => $"campaign-{n}"))
        {
            _campaigns.Add(id, NewCampaign(random, options));
        }
    }

    public IReadOnlyList<string> Users { get; }

    public IReadOnlyList<string> Agents { get; }

    public IReadOnlyList<ServiceTerms> Services { get; }

    public IReadOnlyCollection<string> Campaigns => _campaigns.Keys;

    public CampaignDefinition Campaign(string id) => _campaigns[id];

    /// <summary>Other caps for today and another maximal price; what it pays one user for stays as it is.</summary>
    public CampaignDefinition Change(string id, Random random) => _campaigns[id] = _campaigns[id] with
    {
        DailyCapMicros = DailyCap(random),
        Active = random.Next(8) > 0,
    };

    public IReadOnlyList<Candidate> CandidatesFor(string serviceId) =>
    [
        .. _campaigns.Where(c => c.Value.Services.Any(s => s.ServiceId == serviceId))
            .Select(c => new Candidate(c.Key, c.Value.Sponsor, c.Value.RunsPerCompletion, c.Value.MaxMicrosPerUser, c.Value.EndsAt, c.Value.Owner, c.Value.Targeting.Count > 0)),
    ];

    public TaskTerms TaskOf(string id)
    {
        var campaign = _campaigns[id];
        return new(id, TaskType, campaign.Task.DataTypes, campaign.Task.Consents, campaign.Targeting, Open: true);
    }

    /// <param name="options">Whether its user is asked follows from what was drawn: nothing more is.</param>
    public static Grant NewGrant(Random random, DateTimeOffset now, SeedOptions options) => Asking(Draw(random, now), options);

    private static Grant Asking(Grant drawn, SeedOptions options) =>
        options.Asks && drawn.BudgetLimitMicros / 10_000 % 3 == 0 ? drawn with { Scopes = drawn.Scopes with { AskWhenSpent = true } } : drawn;

    private static Grant Draw(Random random, DateTimeOffset now) => new(
        new(["*"], ["*"], random.Next(12) == 0 ? ["other"] : ["*"], ["*"], random.Next(6) == 0 ? null : ["*"]),
        BudgetLimitMicros: random.Next(2, 80) * 10_000,
        TotalLimitMicros: random.Next(2) == 0 ? null : random.Next(5, 120) * 10_000,
        MaxLiveSessions: random.Next(2, 8),
        ExpiresAt: random.Next(5) > 0 ? null : now.AddSeconds(random.Next(10, 200)),
        ApprovalAboveMicros: random.Next(5) > 0 ? null : random.Next(0, 6) * 10_000);

    public static Profile NewProfile(Random random) => new([new("country", ["jp"])], Zones[random.Next(Zones.Length)]);

    public static long? UserCap(Random random) => random.Next(2) == 0 ? null : random.Next(10, 200) * 10_000;

    /// <summary>Follow from the caps that were drawn: whoever has them draws nothing more.</summary>
    public static IReadOnlyList<PartCap>? PartCaps(long? daily, long? monthly)
    {
        var (day, month) = (daily / 10_000, monthly / 10_000);
        return PartCap.InOrder(
        [
            .. day % 3 == 0 ? [new PartCap(PartCap.OfService, "service-1", (1 + (day % 30)) * 10_000, null)] : Array.Empty<PartCap>(),
            .. month % 3 == 0 ? [new PartCap(PartCap.OfCategory, "Text", month % 2 == 0 ? 150_000 : null, (5 + (month % 60)) * 10_000)] : Array.Empty<PartCap>(),
        ]);
    }

    private static long? DailyCap(Random random) => random.Next(2) == 0 ? null : random.Next(5, 80) * 10_000;

    /// <summary>Over before everything has to have come to rest for the first time, or well after it: that is 610 s after the start at the latest.</summary>
    private static int PayoutDelay(Random random) => random.Next(4) switch { 0 => 0, 1 => random.Next(1, 20), _ => random.Next(640, 900) };

    private CampaignDefinition NewCampaign(Random random, SeedOptions options) => new(
        $"sponsor-{random.Next(1, 3)}",
        random.Next(3) == 0 ? Owner : null,
        new("Survey", TaskType, "Say what you like.", "{}", [], random.Next(2) == 0 ? ["contact"] : []),
        [.. Services.Where(_ => random.Next(5) > 0).Select(s => new SponsoredService(s.ServiceId, random.Next(4) == 0 ? 50_000 : null)), .. options.Hub ? ToolVendor.ServiceIds.Where(_ => random.Next(3) > 0).Select(id => new SponsoredService(id, null)) : [],
        .. options.Models ? FakeModels.All.Where(model => model.Charges && random.Next(3) > 0).Select(model => new SponsoredService(model.Terms.ServiceId, null)) : [],
        .. options.Sentiments ? FakeMoods.All.Where(_ => random.Next(3) > 0).Select(mood => new SponsoredService(mood.ServiceId, null)) : []],
        random.Next(4) == 0 ? [new("country", ["jp"])] : [],
        RunsPerCompletion: random.Next(1, 25),
        MaxMicrosPerUser: random.Next(2) == 0 ? null : random.Next(5, 60) * 10_000,
        DailyCap(random),
        MaxCompletions: random.Next(3) == 0 ? random.Next(1, 3) : null,
        StartsAt: null,
        EndsAt: null,
        Active: true,
        RewardMicros: random.Next(3) == 0 ? 0 : random.Next(1, 6) * 10_000,
        PayoutDelaySeconds: PayoutDelay(random));
}
