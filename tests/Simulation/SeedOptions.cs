using Agora.Testing;

namespace Agora.Simulation;

/// <summary>
/// What a seed makes of the world: how many of everything, how small the limits, how bad the weather. Drawn at random, so that
/// no two seeds press on the same places; a rate of zero is as likely as a high one.
/// </summary>
public sealed record SeedOptions
{
    public required int Seed { get; init; }

    public required int Silos { get; init; }

    public required int Users { get; init; }

    public required int Agents { get; init; }

    /// <summary>Requests that one agent has under way at once.</summary>
    public required int Workers { get; init; }

    public required int Campaigns { get; init; }

    public required int Services { get; init; }

    /// <summary>Where in the day it starts: some seeds see midnight, and with it another day's cap.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>How long clients act while everything goes wrong.</summary>
    public required TimeSpan Safety { get; init; }

    public required TimeSpan Think { get; init; }

    public required TimeSpan IdleAge { get; init; }

    /// <summary>Mean time between two kills of a process; null: none is killed but by messages.</summary>
    public required TimeSpan? KillEvery { get; init; }

    public required AdversaryRates Rates { get; init; }

    public required JournalRates Journal { get; init; }

    /// <summary>Of a service's calls: fails, hangs to the deadline, answers after it.</summary>
    public required double ServiceTrouble { get; init; }

    /// <summary>Rows of a stream between two snapshots.</summary>
    public required int SnapshotEvery { get; init; }

    /// <summary>Of what runs cost; 0 in a third of the seeds.</summary>
    public required int FeeBasisPoints { get; init; }

    /// <summary>A user's personal data are erased now and then.</summary>
    public required bool Erases { get; init; }

    /// <summary>Faults that began in the storm may go on for this long after it: a message that is late, an append that hangs.</summary>
    public TimeSpan Aftermath => Rates.LateBy;

    /// <summary>Tenants, whose users, agents, campaigns, services and wallets have the same ids.</summary>
    public int Tenants { get; init; } = 1;

    /// <summary>Mean time between two processes that are asked to end; null: none is.</summary>
    public TimeSpan? DrainEvery { get; init; }

    /// <summary>Entries under way in a process above which new commands are answered overloaded; null: as many as in the product.</summary>
    public int? Room { get; init; }

    /// <summary>Runs are cancelled now and then.</summary>
    public bool Cancels { get; init; }

    /// <summary>Operators edit what they have read.</summary>
    public bool Edits { get; init; }

    /// <summary>Of some payments by x402 the facilitator never says what became of them while it storms, and operators settle by hand.</summary>
    public bool SettlesByHand { get; init; }

    /// <summary>Operators raise caps for a while.</summary>
    public bool Raises { get; init; }

    /// <summary>Each tenant has an endpoint that is told what happens.</summary>
    public bool Webhooks { get; init; }

    /// <summary>Each tenant has upstreams, whose tools its agents run.</summary>
    public bool Hub { get; init; }

    /// <summary>Beside the first tenant stands the one for tests, whose clock is advanced.</summary>
    public bool TestMode { get; init; }

    /// <summary>Of the tenant for tests: it is reset until this one is there.</summary>
    public int Generations { get; init; } = 1;

    /// <summary>Of the tenant for tests: whoever advances its clock rings what that made due, as the route does, and it has an endpoint.</summary>
    public bool Rings { get; init; }

    /// <summary>Agents of each tenant talk to each other.</summary>
    public bool Talks { get; init; }

    /// <summary>Of those that talk: agents that run services do some for each other, as one that is asked for, or for a skill.</summary>
    public bool Skills { get; init; }

    /// <summary>Of those that talk: one agent of each tenant has its inbox posted to it.</summary>
    public bool Posts { get; init; }

    /// <summary>Links to users' pages are made, and ended.</summary>
    public bool Links { get; init; }

    /// <summary>Agents call models, which whoever calls them pays for or nobody does.</summary>
    public bool Models { get; init; }

    /// <summary>Some grants have the user asked where a session's budget is spent.</summary>
    public bool Asks { get; init; }

    /// <summary>Whoever calls models asks for less where there is no room, and only the last refusal is one.</summary>
    public bool Tries { get; init; }

    /// <summary>Whoever calls models says something in chats, too.</summary>
    public bool Chats { get; init; }

    /// <summary>Models of each tenant talk to each other, and people step in.</summary>
    public bool Watches { get; init; }

    /// <summary>Whether agents remember things of their users.</summary>
    public bool Memories { get; init; }

    /// <summary>People practise scenarios, and are scored.</summary>
    public bool Plays { get; init; }

    /// <summary>Users say how they want replies.</summary>
    public bool Preferences { get; init; }

    /// <summary>Users move in from an older chat.</summary>
    public bool Moves { get; init; }

    /// <summary>Of those who say something in chats, some want to know how it sounds.</summary>
    public bool Sentiments { get; init; }

    /// <summary>Seeds above this are drawn wide.</summary>
    public const int WideAbove = 10_000;

    /// <summary>Wide seeds up to this one keep the course on which some were red.</summary>
    private const int EditsAbove = 20_000;

    /// <summary>As <see cref="EditsAbove"/>, for what came later.</summary>
    private const int HandsAbove = 40_000;

    /// <summary>As <see cref="EditsAbove"/>, for what came later still.</summary>
    private const int WebhooksAbove = 750_000;

    /// <summary>As <see cref="EditsAbove"/>, for tools of upstreams.</summary>
    public const int HubAbove = 800_000;

    /// <summary>As <see cref="EditsAbove"/>, for tenants for tests.</summary>
    public const int TestsAbove = 850_000;

    /// <summary>As <see cref="EditsAbove"/>, for resets of these.</summary>
    public const int ResetsAbove = 9_000_000;

    /// <summary>As <see cref="EditsAbove"/>, for conversations.</summary>
    public const int TalksAbove = 1_000_000_000;

    /// <summary>As <see cref="EditsAbove"/>, for agents that are paid.</summary>
    public const int SkillsAbove = 2_000_000_000;

    /// <summary>As <see cref="EditsAbove"/>, for inboxes that are posted.</summary>
    public const int PostsAbove = 2_100_000_000;

    /// <summary>As <see cref="EditsAbove"/>, for links to users' pages.</summary>
    private const int LinksAbove = 2_126_000_000;

    /// <summary>As <see cref="EditsAbove"/>, for models.</summary>
    public const int ModelsAbove = 2_136_000_000;

    /// <summary>As <see cref="EditsAbove"/>, for budgets that are raised run by run.</summary>
    public const int AsksAbove = 2_141_000_000;

    /// <summary>As <see cref="EditsAbove"/>, for what is asked for in vain before less is. Fresh seeds do it, and none below: what plants are looked for by keeps its course.</summary>
    public const int TriesAbove = 2_145_500_000;

    /// <summary>As <see cref="TriesAbove"/>, for chats.</summary>
    public const int ChatsAbove = 2_145_700_000;

    /// <summary>As <see cref="TriesAbove"/>, for what is remembered of users.</summary>
    public const int MemoriesAbove = 2_145_800_000;

    /// <summary>As <see cref="TriesAbove"/>, for scenarios that people practise.</summary>
    public const int PlaysAbove = 2_145_900_000;

    /// <summary>As <see cref="TriesAbove"/>, for how users want replies.</summary>
    public const int PreferencesAbove = 2_145_950_000;

    /// <summary>As <see cref="TriesAbove"/>, for what comes from older chats.</summary>
    public const int MovesAbove = PreferencesAbove;

    /// <summary>As <see cref="TriesAbove"/>, for how turns sound.</summary>
    public const int SentimentsAbove = 2_145_970_000;

    /// <summary>As <see cref="TriesAbove"/>, for dialogues that people watch.</summary>
    public const int WatchesAbove = 2_145_600_000;

    /// <summary>As in the product, an activation to which nothing comes but alarms lives on: one that did not would look anew, at each, for whoever calls a model and is gone, until the call has taken as long as any may.</summary>
    private static readonly TimeSpan AlarmsPass = TimeSpan.FromSeconds(45);

    /// <param name="wide">With what older seeds have not, which keep their course.</param>
    public static SeedOptions Draw(int seed, bool wide)
    {
        var drawn = Draw(seed);
        if (!wide) return drawn;

        var third = new Random(unchecked((int)((uint)seed * 2_654_435_761u))); // so that what neighbours draw has nothing in common
        var tenants = third.Next(3) == 0 ? third.Next(2, Tenant.Names.Count + 1) : 1;
        var models = seed is <= WideAbove or > ModelsAbove && new Random(unchecked((seed * 173) + 131)).Next(3) > 0;
        var talks = seed is <= WideAbove or > TalksAbove && new Random(unchecked((seed * 139) + 89)).Next(3) > 0;
        var chats = models && seed > ChatsAbove && new Random(unchecked((seed * 191) + 149)).Next(3) > 0;
        return drawn with
        {
            Tenants = tenants,
            DrainEvery = third.Next(3) == 0 ? TimeSpan.FromSeconds(third.Next(8, 60)) : null,
            Room = third.Next(3) == 0 ? third.Next(1, 6) : null,
            Think = tenants * drawn.Think, // as much happens in all
            Cancels = new Random(unchecked((seed * 59) + 13)).Next(3) > 0,
            Raises = seed is <= WideAbove or > HandsAbove && new Random(unchecked((seed * 79) + 37)).Next(3) > 0,
            Webhooks = seed is <= WideAbove or > WebhooksAbove && new Random(unchecked((seed * 97) + 47)).Next(3) > 0,
            Hub = seed is <= WideAbove or > HubAbove && new Random(unchecked((seed * 101) + 53)).Next(3) > 0,
            TestMode = seed is <= WideAbove or > TestsAbove && new Random(unchecked((seed * 109) + 67)).Next(3) == 0,
            Generations = seed is <= WideAbove or > ResetsAbove ? new Random(unchecked((seed * 127) + 73)).Next(1, 4) : 1,
            Rings = seed is <= WideAbove or > ResetsAbove,
            Talks = talks,
            Skills = talks && seed is <= WideAbove or > SkillsAbove && new Random(unchecked((seed * 151) + 107)).Next(3) > 0,
            Posts = talks && seed is <= WideAbove or > PostsAbove,
            Links = seed is <= WideAbove or > LinksAbove && new Random(unchecked((seed * 167) + 127)).Next(3) == 0,
            Models = models,
            Chats = chats,
            Sentiments = chats && seed > SentimentsAbove && new Random(unchecked((seed * 239) + 193)).Next(3) > 0,
            Tries = seed > TriesAbove && new Random(unchecked((seed * 181) + 139)).Next(3) > 0,
            Watches = models && seed > WatchesAbove && new Random(unchecked((seed * 193) + 151)).Next(3) > 0,
            Memories = seed > MemoriesAbove && new Random(unchecked((seed * 197) + 157)).Next(3) > 0,
            Plays = models && seed > PlaysAbove && new Random(unchecked((seed * 211) + 167)).Next(3) > 0,
            Preferences = seed > PreferencesAbove && new Random(unchecked((seed * 229) + 181)).Next(3) > 0,
            Moves = seed > MovesAbove && new Random(unchecked((seed * 233) + 191)).Next(3) > 0,
            Asks = seed is <= WideAbove or > AsksAbove && new Random(unchecked((seed * 179) + 137)).Next(3) > 0,
            IdleAge = models && drawn.IdleAge < AlarmsPass ? AlarmsPass : drawn.IdleAge,
            Edits = seed is <= WideAbove or > EditsAbove && new Random(unchecked((seed * 67) + 23)).Next(3) > 0,
            SettlesByHand = seed is <= WideAbove or > HandsAbove && new Random(unchecked((seed * 73) + 31)).Next(3) > 0,
        };
    }

    private static SeedOptions Draw(int seed)
    {
        // What is drawn of the second leaves what is drawn of the first as it was.
        var (random, second) = (new Random(seed), new Random(unchecked((seed * 31) + 17)));
        var narrow = Narrow(seed, random);
        var isLong = second.Next(2) == 0; // long enough for snapshots to ripen and to be loaded; few requests, so that it costs little
        return narrow with
        {
            SnapshotEvery = 3 + second.Next(1 + second.Next(20)),
            FeeBasisPoints = second.Next(3) == 0 ? 0 : second.Next(1, 2_000),
            Erases = second.Next(3) == 0,
            Safety = isLong ? TimeSpan.FromSeconds(second.Next(200, 420)) : narrow.Safety,
            Think = isLong ? 3 * narrow.Think : narrow.Think,
            IdleAge = isLong ? TimeSpan.FromSeconds(second.Next(20, 300)) : narrow.IdleAge,
            KillEvery = isLong ? 2 * narrow.KillEvery : narrow.KillEvery,
            Rates = narrow.Rates with { Late = Rate(second, 0.004), MaxSkew = second.Next(2) == 0 ? narrow.Rates.MaxSkew : TimeSpan.FromMilliseconds(second.Next(5_000)) },
            Journal = narrow.Journal with { Hang = Rate(second, 0.001) },
        };
    }

    private static SeedOptions Narrow(int seed, Random random) => new()
    {
        Seed = seed,
        SnapshotEvery = 0,
        FeeBasisPoints = 0,
        Erases = false,
        Silos = random.Next(2, 4),
        Users = random.Next(1, 4),
        Agents = random.Next(1, 4),
        Workers = random.Next(1, 5),
        Campaigns = random.Next(1, 4),
        Services = random.Next(1, 4),
        Start = new DateTimeOffset(2030, 1, 31, 23, 59, 0, TimeSpan.Zero) - TimeSpan.FromMinutes(random.Next(3) * 300),
        Safety = TimeSpan.FromSeconds(random.Next(40, 120)),
        Think = TimeSpan.FromMilliseconds(random.Next(200, 2_000)),
        IdleAge = TimeSpan.FromSeconds(random.Next(5, 120)),
        KillEvery = random.Next(3) == 0 ? null : TimeSpan.FromSeconds(random.Next(8, 60)),
        Rates = new()
        {
            Lose = Rate(random, 0.03),
            LoseAnswer = Rate(random, 0.03),
            Duplicate = Rate(random, 0.10),
            Delay = Rate(random, 0.30),
            Move = Rate(random, 0.04),
            Deactivate = Rate(random, 0.03),
            Kill = Rate(random, 0.002),
            MaxDelay = TimeSpan.FromMilliseconds(random.Next(100, 12_000)),
            MaxSkew = TimeSpan.FromMilliseconds(random.Next(0, 1_000)),
        },
        Journal = new(Rate(random, 0.02), Rate(random, 0.02), Rate(random, 0.02), Rate(random, 0.10), TimeSpan.FromMilliseconds(random.Next(10, 2_000))),
        ServiceTrouble = Rate(random, 0.40),
    };

    private static double Rate(Random random, double most) => random.Next(3) == 0 ? 0 : random.NextDouble() * most;
}

/// <summary>How often the journal refuses, loses a call or its answer, or is slow, and how slow.</summary>
public sealed record JournalRates(double Unavailable, double LostBefore, double LostAfter, double Slow, TimeSpan MaxDelay)
{
    /// <summary>An append takes this long at most, and nothing else of its process is written meanwhile.</summary>
    public static readonly TimeSpan HangsFor = TimeSpan.FromSeconds(70);

    /// <summary>How often an append hangs.</summary>
    public double Hang { get; init; }

    public static JournalRates None { get; } = new(0, 0, 0, 0, TimeSpan.Zero);
}
