using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Application.Catalogue;

/// <summary>
/// Campaigns that would pay for one service, as their definitions go: those that end first come first, the order in which the user's
/// stream will ask them. Made once for each state of the catalogue, not for each run.
/// </summary>
internal sealed class Payers
{
    private readonly Candidate[] _candidates;
    private readonly DateTimeOffset _allOpenFrom;
    private readonly DateTimeOffset _allOpenUntil;

    private Payers(ServiceEntry service, CampaignEntry[] sponsors, CampaignEntry[] campaigns)
    {
        (Service, Sponsors, Campaigns) = (service, sponsors, campaigns);
        _candidates = Take(campaigns);
        _allOpenFrom = campaigns.Max(c => c.Definition.StartsAt) ?? DateTimeOffset.MinValue;
        _allOpenUntil = campaigns.Min(c => c.Definition.EndsAt) ?? DateTimeOffset.MaxValue;
    }

    public ServiceEntry Service { get; }

    /// <summary>In the order of their ids.</summary>
    public IReadOnlyList<CampaignEntry> Sponsors { get; }

    /// <summary>The same, those that end first before the others.</summary>
    public IReadOnlyList<CampaignEntry> Campaigns { get; }

    /// <param name="naming">Campaigns that name the service, in the order of their ids.</param>
    public static Payers Of(ServiceEntry service, IEnumerable<CampaignEntry> naming)
    {
        CampaignEntry[] sponsors = [.. naming.Where(c => c.WouldPayFor(service))];
        return new(service, sponsors, [.. sponsors.OrderBy(c => c.Definition.EndsAt ?? DateTimeOffset.MaxValue)]);
    }

    /// <summary>They are not all weighed for a run: whose task was completed has to be known before.</summary>
    public bool AreMany => Campaigns.Count > Limits.Candidates;

    /// <summary>Those that are open now, at most <see cref="Limits.Candidates"/>; of <paramref name="named"/> only that one.</summary>
    public IReadOnlyList<Candidate> Candidates(DateTimeOffset now, string? named) => named is null && now >= _allOpenFrom && now < _allOpenUntil
        ? _candidates
        : Take(Campaigns.Where(c => c.IsOpen(now) && (named is null || c.CampaignId == named)));

    /// <summary>Those of them whose task was completed; where there is none, those that would be weighed without it, for the refusal says which tasks there are.</summary>
    public IReadOnlyList<Candidate> Candidates(DateTimeOffset now, IReadOnlySet<string> completed) =>
        Take(Campaigns.Where(c => c.IsOpen(now) && completed.Contains(c.CampaignId))) is { Length: > 0 } done ? done : Candidates(now, named: null);

    private static Candidate[] Take(IEnumerable<CampaignEntry> campaigns) => [.. campaigns.Take(Limits.Candidates).Select(c => c.Candidate)];
}
