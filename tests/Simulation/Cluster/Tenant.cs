using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Simulation.Checks;
using Agora.Simulation.Clients;

namespace Agora.Simulation.Cluster;

/// <summary>
/// What belongs to one tenant of a seed: its catalogue, what its clients know, and the checkers, which see its streams only. Ids are the same at every
/// tenant, so whatever goes to another's stream meets one that is there.
/// </summary>
public sealed class Tenant
{
    /// <summary>Not one of them is a part of an id, or of another's name.</summary>
    public static readonly IReadOnlyList<string> Names = [StreamId.DefaultTenant, "northern", "southern"];

    /// <param name="totals">Of the table of funds, for this tenant.</param>
    public Tenant(SimCluster cluster, int number, Catalogue catalogue, Func<string, IReadOnlyList<long>> totals)
    {
        var (findings, options) = (cluster.Findings, cluster.Options);
        (Cluster, Number, Catalogue) = (cluster, number, catalogue);
        Name = number < options.Tenants ? Names[number] : Core.Kernel.Tenant.Default.Of(number - options.Tenants + 1).Name;
        Own = Core.Kernel.Tenant.Parse(Name)!;
        Clocks = new(findings, Own.Generation ?? 0, 2 * options.Rates.MaxSkew);
        Entities = new OfTenant(this);
        Runs = new(findings);
        Payments = new(findings);
        Payers = new(cluster.Time, number, options.SettlesByHand);
        Refunds = new(findings);
        Approvals = new(findings);
        Cancellations = new(findings);
        CachedReplies = new(findings, IsTest ? null : TimeSpan.FromSeconds(2) + (2 * options.Rates.MaxSkew));
        ModelCalls = new(findings, IsTest ? null : TimeSpan.FromSeconds(2) + (2 * options.Rates.MaxSkew));
        Chats = new(findings);
        Watches = new(findings);
        Memories = new(findings);
        Plays = new(findings);
        Preferences = new(findings);
        Imports = new(findings);
        Sentiments = new(findings, options.Rates.MaxSkew, FakeMoods.Of);
        Edits = new(findings);
        TooLate = new(findings);
        Webhooks = new(findings);
        Tools = new(findings, cluster.Time);
        Vendor = new(new Random(unchecked((options.Seed * 107) + 61 + (1_000_003 * number))));
        Conversations = new(findings, cluster.PlaceOf, () => Now);
        Reading = new(Conversations, findings);
        Posted = new(Own, Reading, Conversations, findings);
        Cards = new(findings);
        PaidReplies = new(findings, Runs, () => Cluster.Time.GetUtcNow(), TimeSpan.FromSeconds(5) + (2 * options.Rates.MaxSkew));
        Rewards = new(findings, options.Safety + options.Aftermath + TimeSpan.FromSeconds(120) + (IsTest ? Limits.ClockAheadMost : TimeSpan.Zero));
        var escrows = new Escrows(findings);
        Checkers =
        [
            new SessionBudgets(findings), new UserLimits(catalogue, findings), new Access(findings), new Narrowing(findings), new Links(findings), escrows, Runs, new Tasks(escrows, findings), Refunds, Rewards,
            new Books(findings, () => totals(Name)), Payments, Approvals, Cancellations, ModelCalls, CachedReplies, Chats, Watches, Memories, Plays, Preferences, Imports, Sentiments, Edits, new Precedence(findings), TooLate, Webhooks, Tools, Conversations, Cards, PaidReplies, .. IsTest ? [Clocks] : Array.Empty<IChecker>(),
        ];
    }

    public SimCluster Cluster { get; }

    public int Number { get; }

    public string Name { get; }

    /// <summary>As the product knows it.</summary>
    public Core.Kernel.Tenant Own { get; }

    /// <summary>Of some generation: the second begins when the first is over.</summary>
    public bool IsTest => Own.IsTest;

    /// <summary>Its time, as an edge of the product's knows it: the world's, unless it is the one for tests.</summary>
    public DateTimeOffset Now => Cluster.Times.Now(Own);

    public Guid NewId() => Cluster.NewId(Cluster.Times.Of(Own));

    public IReadOnlyList<IChecker> Checkers { get; }

    /// <summary>The way of this tenant's clients to its streams.</summary>
    public IEntities Entities { get; }

    public Catalogue Catalogue { get; }

    public Runs Runs { get; }

    public IncomingPayments Payments { get; }

    public Payers Payers { get; }

    public AgentKeys AgentKeys { get; } = new();

    public Refunds Refunds { get; }

    public Approvals Approvals { get; }

    public Cancellations Cancellations { get; }

    public ModelCalls ModelCalls { get; }

    public CachedReplies CachedReplies { get; }

    public Chats Chats { get; }

    public Watches Watches { get; }

    public Memories Memories { get; }

    public Plays Plays { get; }

    public Preferences Preferences { get; }

    public Imports Imports { get; }

    public Sentiments Sentiments { get; }

    public Edits Edits { get; }

    public TooLate TooLate { get; }

    public Webhooks Webhooks { get; }

    public Tools Tools { get; }

    public ToolVendor Vendor { get; }

    public Clocks Clocks { get; }

    public Conversations Conversations { get; }

    public Reading Reading { get; }

    internal Posted Posted { get; }

    public Cards Cards { get; }

    public PaidReplies PaidReplies { get; }

    public Rewards Rewards { get; }

    private sealed class OfTenant(Tenant tenant) : IEntities
    {
        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => tenant.Cluster.Outside.Of<TCommand>(stream with { Tenant = tenant.Name });
    }
}
