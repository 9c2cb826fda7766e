using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Catalogue;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Search;

namespace Agora.Application.Flow;

/// <summary>A run that would now be accepted, and who would pay it (null: it is free).</summary>
internal sealed record RunOffer(ServiceEntry Service, CampaignEntry? Campaign, int RunsLeft);

/// <summary>
/// Where a session stands in the flow, as far as this process can see: the session, what its user has completed, the catalogue. Owners decide
/// again; a campaign's escrow is looked at by <see cref="Guide"/> before anything is offered.
/// </summary>
internal sealed class FlowState(
    Tenant tenant, SessionView session, Sponsorship sponsorship, long remainingMicros, IReadOnlyList<UserAttribute>? attributes, ServiceCatalogue catalogue, OfferedBodies bodies, DateTimeOffset now)
{
    private const int KeyBytes = 6;

    /// <summary>The data type that a user's preferences are.</summary>
    private const string PreferenceData = "preferences";
    private const int LiftedNow = 2;
    private const int LiftedLater = 1;

    private readonly Dictionary<string, CompletedCampaign> _completed = sponsorship.Completed.ToDictionary(c => c.CampaignId, StringComparer.Ordinal);
    private Dictionary<string, bool>? _asked;

    public OfferedBodies Bodies => bodies;

    public Tenant Tenant { get; } = tenant;

    /// <summary>The tenant's.</summary>
    public ServiceCatalogue Catalogue { get; } = catalogue;

    public SessionView Session { get; } = session;

    public Sponsorship Sponsorship { get; } = sponsorship;

    /// <summary>The least that is left on the path from this session to its user's caps.</summary>
    public long RemainingMicros { get; } = remainingMicros;

    /// <summary>When the session's budget would be spent.</summary>
    public Projection Projected => Projection.Of(new(Session.Budget.SpentMicros, Session.Budget.ReservedMicros), new(Session.Budget.LimitMicros), new(Session.CreatedAt, Session.ExpiresAt), now);

    /// <summary>The least that is left for this service: the user may have a cap of it, or of its category.</summary>
    public long LeftFor(ServiceEntry service)
    {
        if (Sponsorship.Parts is not { } parts) return RemainingMicros;

        var (own, ofCategory) = (PartCap.Part(PartCap.OfService, service.ServiceId), PartCap.Part(PartCap.OfCategory, service.Definition.Category));
        return parts.Where(part => part.Part == own || part.Part == ofCategory).Aggregate(RemainingMicros, static (left, part) => Math.Min(left, part.RemainingMicros));
    }

    /// <summary>What the user's attributes say the user likes, where the session may use it. Null: nothing, or it may not.</summary>
    public Preference? Preferred => attributes is not null && ScopeRules.Covers(Session.Scopes.DataTypes, PreferenceData) ? new(Values("preferred_categories"), Values("preferred_providers")) : null;

    /// <summary>A sub-session would now be opened.</summary>
    public bool CanDelegate => Session.Depth < Limits.TreeDepth && (Session.Children?.Count ?? 0) < Limits.LiveChildren && SecondsLeft > 0;

    public int SecondsLeft => (int)Math.Max(0, Math.Floor((Session.ExpiresAt - now).TotalSeconds));

    public CompletedCampaign? Completion(string campaignId) => _completed.GetValueOrDefault(campaignId);

    /// <summary>Done tasks stay done; where a consent was withdrawn they pay no more.</summary>
    public int RunsLeft(CampaignEntry campaign) => Completion(campaign.CampaignId) switch
    {
        null => campaign.Definition.RunsPerCompletion,
        { Consented: false } => 0,
        { } done => Math.Max(0, campaign.Definition.RunsPerCompletion - done.RunsUsed),
    };

    public bool IsInScope(CampaignEntry campaign) => Session.Scopes.Admits(campaign.Definition.Task);

    public bool IsForUser(CampaignEntry campaign) => Targeting.Admits(campaign.Definition.Targeting, attributes);

    /// <summary>The task can be done now, by this user in this session.</summary>
    public bool CanDo(CampaignEntry campaign) =>
        IsOffered(campaign) && Completion(campaign.CampaignId) is null && IsInScope(campaign) && IsForUser(campaign);

    /// <summary>The task's reward can be held until it is done. Whose the agent is, is not known here: with a sponsor that has an owner the campaign decides.</summary>
    public bool CanClaim(CampaignEntry campaign) =>
        campaign.Definition.RewardMicros > 0 && CanDo(campaign) && !(Sponsorship.Claimed?.Contains(campaign.CampaignId, StringComparer.Ordinal) ?? false);

    /// <summary>The task is anybody's to do: it is taken, it earns what it promises, and there is money for a service that it unlocks.</summary>
    public bool IsOffered(CampaignEntry campaign) => campaign.IsOpen(now) && Catalogue.TakesCompletions(campaign);

    /// <summary>The campaign would sponsor this service for this user: it already does, or it would once its task is done.</summary>
    public bool WouldSponsor(CampaignEntry campaign, ServiceEntry service) =>
        campaign.Covers(service) && (CanDo(campaign) || CanPay(campaign, service.Definition.PriceMicros));

    /// <summary>Services of the campaigns that the user has completed, each with how much sponsors lift it: more where nothing is left to be done first, and 0 where none pays.</summary>
    public IReadOnlyDictionary<string, int> Lifted()
    {
        var lifted = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var done in Sponsorship.Completed)
        {
            foreach (var covered in Catalogue.Campaign(done.CampaignId)?.Definition.Services ?? [])
            {
                if (!lifted.ContainsKey(covered.ServiceId) && Catalogue.Service(covered.ServiceId) is { } service)
                {
                    lifted.Add(covered.ServiceId, Lift(service));
                }
            }
        }

        return lifted;
    }

    /// <summary>Some sponsor would pay for a service of this group once a task is done: of one of which no campaign was completed, that is all there is to ask.</summary>
    public bool IsLiftedLater(SponsorGroup group) => group.Campaigns.Any(Asks);

    /// <summary>Campaigns that ask the same are asked once, however many groups they are in.</summary>
    private bool Asks(CampaignEntry campaign)
    {
        _asked ??= new(StringComparer.Ordinal);
        return _asked.TryGetValue(campaign.Asks, out var asks) ? asks : _asked[campaign.Asks] = campaign.IsOpen(now) && IsInScope(campaign) && IsForUser(campaign);
    }

    private int Lift(ServiceEntry service)
    {
        var lift = 0;
        foreach (var campaign in Catalogue.SponsorsOf(service))
        {
            if (CanPay(campaign, service.Definition.PriceMicros)) return LiftedNow;

            lift = CanDo(campaign) ? LiftedLater : lift;
        }

        return lift;
    }

    /// <summary>Services in scope for at most this much, best match first; as many as one page has.</summary>
    public IEnumerable<ServiceEntry> Runnable(long micros) => Catalogue
        .Search(new()
        {
            MaxPriceMicros = micros,
            AllowedCategories = ScopeRules.IsAll(Session.Scopes.Categories) ? null : Session.Scopes.Categories,
            Limit = Limits.PageDefault,
        })
        .Hits.Select(hit => Catalogue.Service(hit.Id)).OfType<ServiceEntry>().Where(service => service.Definition.PriceMicros <= LeftFor(service));

    /// <summary>In the order in which the user's stream would take them: those that end first, then the oldest completion.</summary>
    public RunOffer? OfferOf(ServiceEntry service)
    {
        if (!service.IsRunnable || WasDenied(service)) return null;
        if (!Session.Scopes.AdmitsCategory(service.Definition.Category) || service.Definition.PriceMicros > LeftFor(service)) return null;

        if (service.Definition.PriceMicros == 0) return new(service, null, int.MaxValue);

        return PayerOf(service) is { } payer ? new(service, payer, RunsLeft(payer)) : null;
    }

    private CampaignEntry? PayerOf(ServiceEntry service)
    {
        var campaigns = Catalogue.PayersOf(service).Campaigns; // those that end first before the others
        CampaignEntry? payer = null;
        for (var i = 0; i < campaigns.Count && (payer is null || campaigns[i].Definition.EndsAt == payer.Definition.EndsAt); i++)
        {
            var campaign = campaigns[i];
            if (CanPay(campaign, service.Definition.PriceMicros) && (payer is null || Completion(campaign.CampaignId)!.CompletedAt < Completion(payer.CampaignId)!.CompletedAt))
            {
                payer = campaign;
            }
        }

        return payer;
    }

    /// <summary>The user did not approve the last run of it in this session: nobody is led to ask again.</summary>
    public bool WasDenied(ServiceEntry service) => LastConcluded(service.ServiceId) is { NotApproved: true };

    /// <summary>
    /// The idempotency key that something is offered with: the same until a run of this session ends. So whoever asks again, because a reply was lost or
    /// is late, and follows what is offered then, has it once.
    /// </summary>
    public string OfferKey(string action, string id = "")
    {
        var last = LastConcluded()?.RunId ?? Guid.Empty;
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{Session.SessionId}\n{action}\n{id}\n{last}")).AsSpan(0, KeyBytes));
    }

    /// <summary>Services that completed campaigns unlock, in the order in which they do, at most <paramref name="most"/>.</summary>
    public IReadOnlyList<RunOffer> Offers(int most)
    {
        var (offers, seen) = (new List<RunOffer>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var done in Sponsorship.Completed)
        {
            foreach (var covered in Catalogue.Campaign(done.CampaignId)?.Definition.Services ?? [])
            {
                if (offers.Count == most) return offers;
                if (seen.Add(covered.ServiceId) && Catalogue.Service(covered.ServiceId) is { } service && OfferOf(service) is { } offer)
                {
                    offers.Add(offer);
                }
            }
        }

        return offers;
    }

    /// <summary>Tasks that can be done and unlock a service that could then be run.</summary>
    public IReadOnlyList<CampaignEntry> OpenTasks(int most) =>
        [.. Catalogue.Campaigns.Where(c => CanDo(c) && Unlocks(c)).Take(most)];

    /// <summary>Whatever tasks there are, the next step is none of them: nobody has to be asked about them.</summary>
    public bool IsPastTasks(IReadOnlyList<RunOffer> offers) => offers.Count > 0 || HasSucceeded;

    private bool HasSucceeded
    {
        get
        {
            for (var i = 0; i < Session.Runs.Count; i++)
            {
                if (Session.Runs[i].State == RunState.Succeeded) return true;
            }

            return false;
        }
    }

    public FlowStep StepNow(IReadOnlyList<RunOffer> offers, IReadOnlyList<CampaignEntry> tasks) =>
        HasSucceeded ? FlowStep.Done
        : offers.Count > 0 ? FlowStep.RunService
        : tasks.Count > 0 ? FlowStep.DoTask
        : FlowStep.FindService;

    /// <summary>Of this session's runs that are over, or of those of one service, the one that was asked for last.</summary>
    private RunSummary? LastConcluded(string? serviceId = null)
    {
        RunSummary? last = null;
        for (var i = 0; i < Session.Runs.Count; i++)
        {
            if (Session.Runs[i] is { ConcludedAt: not null } run && (serviceId is null || run.ServiceId == serviceId) && !(run.RequestedAt <= last?.RequestedAt))
            {
                last = run;
            }
        }

        return last;
    }

    private IReadOnlyList<string> Values(string attribute) => attributes?.FirstOrDefault(a => a.Name == attribute)?.Values ?? [];

    private bool Unlocks(CampaignEntry campaign) => campaign.Definition.Services.Any(s =>
        Catalogue.Service(s.ServiceId) is { IsRunnable: true } service
        && campaign.Covers(service)
        && Session.Scopes.AdmitsCategory(service.Definition.Category)
        && service.Definition.PriceMicros <= LeftFor(service));

    private bool CanPay(CampaignEntry campaign, long priceMicros) =>
        campaign.IsOpen(now)
        && campaign.HasLeft(priceMicros)
        && Completion(campaign.CampaignId) is { Consented: true } done
        && done.RunsUsed < campaign.Definition.RunsPerCompletion
        && !(done.MicrosUsed + priceMicros > campaign.Definition.MaxMicrosPerUser)
        && IsForUser(campaign);
}

/// <summary>The step that the flow is at; <see cref="Guide.Name"/> is how replies spell it.</summary>
internal enum FlowStep
{
    FindService,
    DoTask,
    RunService,
    Done,
}
