using System.Globalization;
using Agora.Api.Hosts;
using Agora.Application.Memories;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Grains;
using Agora.Grains.Clocks;
using Agora.Grains.Conversations;
using Agora.Grains.Kernel;
using Agora.Grains.Memories;
using Agora.Grains.Services;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Simulation.Checks;
using Agora.Simulation.Clients;
using Agora.Simulation.Plants;
using Agora.TestEngine;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Simulation.Cluster;

/// <summary>
/// One seed's world: silos with their own directories, committers and clocks over one journal, the adversary between them, the
/// services outside, and the checkers, which see the journal through a connection of their own. Everything is made of the
/// product's own parts; what is replaced stands behind a port of the product.
/// </summary>
public sealed class SimCluster
{
    /// <summary>Of an index of memories: few owners' fit, so others' are dropped and read anew.</summary>
    private const int MemoryIndexBytes = 4_096;

    public static readonly byte[] MasterKey = new byte[32];
    private readonly MemoryJournal _store;
    private readonly Weather _weather;
    private readonly TextWriter? _log;
    private readonly Adversary _adversary;
    private readonly Tenants _tenants;
    private readonly Dictionary<SimulatedSilo, (GroupCommitter Committer, Sweeper Sweeper, Departures.Process Process)> _processes = [];
    private readonly Dictionary<SimulatedSilo, Listening> _listening = [];
    private readonly Dictionary<(string Stream, long Seq), RowPlace> _places = [];
    private long _read;

    /// <param name="log">Told of all that happens, for whoever looks into a seed; null: nobody does.</param>
    public SimCluster(SeedOptions options, Plant plant, TextWriter? log)
    {
        (Options, Plant, _log) = (options, plant, log);
        LiveStates.Begin(isUnchecked: plant != Plant.None);
        Random = new(options.Seed);
        Time = new SimTimeProvider(options.Start);
        Scheduler = new SimScheduler(new(Random.Next()), Time);
        Findings = new(Time, byCheckersOnly: plant != Plant.None);
        var catalogue = new Catalogue(options, Random);
        _store = new MemoryJournal(Time);
        _weather = new(new(Random.Next()), JournalRates.None);
        History = new(_store, Keys(_store, Time), Findings) { Seen = Tell, Touched = Touched };
        Overloads = new(History, Findings);
        Departures = new(Findings);
        Acknowledgements = new(History, Findings);
        var others = new Random(unchecked((options.Seed * 53) + 7)); // what is drawn of it leaves what is drawn of the first as it was
        Tenants = [.. Enumerable.Range(0, options.Tenants + (options.TestMode ? options.Generations : 0)).Select(number => new Tenant(this, number, number == 0 ? catalogue : new(number < options.Tenants ? options : options with { Skills = false }, others), Totals))];
        _tenants = new([.. Tenants.Select(tenant => tenant.Name)], Findings);
        foreach (var (tenant, checker) in Tenants.SelectMany(tenant => tenant.Checkers.Select(checker => (tenant, checker))))
        {
            History.Add(checker, tenant.Name);
        }

        foreach (var tenant in Tenants.Where(tenant => tenant.IsTest))
        {
            History.Add(tenant.Clocks, tenant.Own.Test.Name);
        }

        History.Add(Acknowledgements);
        History.Add(Overloads);
        _adversary = new(new(Random.Next()), Scheduler, Time, Quiet, options.Silos, Start, Border.Recode)
        {
            Observe = Look,
        };
        Outside = new(_adversary);
        Times = new(Outside, Time, alone: false, NewId);
        Alarms = new(Plant.Between(_store.Connect(_weather.Next), Scheduler), Outside, Times, NewId);
        AtRest = new(IsOver, History, () => new(_store, Keys(_store, Time), Findings), _store, Ports(_store, Outside, Scheduler, Time), Outside, Findings);
        Whole = new(_store, () => Keys(_store, Time), Findings);
        WhatIf = new(History, new(_store, Keys(_store, Time), Time), Findings);
    }

    public SeedOptions Options { get; }

    public Random Random { get; }

    public SimTimeProvider Time { get; }

    public SimScheduler Scheduler { get; }

    public Plant Plant { get; }

    public Findings Findings { get; }

    /// <summary>The default one first.</summary>
    public IReadOnlyList<Tenant> Tenants { get; }

    public History History { get; }

    public Acknowledgements Acknowledgements { get; }

    /// <summary>What clients were told under keys of theirs, oldest first.</summary>
    public List<Told> Acknowledged { get; } = [];

    public Rest AtRest { get; }

    public WholeJournal Whole { get; }

    public WhatIf WhatIf { get; }

    /// <summary>The way of clients outside, through the adversary.</summary>
    public Entities Outside { get; }

    /// <summary>What time it is in each tenant, as an edge knows.</summary>
    public TenantTimes Times { get; }

    /// <summary>Rung by an edge, for whoever advances a clock.</summary>
    public ClockAlarms Alarms { get; }

    public double ServiceTrouble { get; private set; }

    /// <summary>Clients finish what they are at, and go.</summary>
    public bool Closing { get; private set; }

    /// <summary>When <see cref="Closing"/> began.</summary>
    public DateTimeOffset ClosedAt { get; private set; }

    /// <summary>Nobody sleeps longer: whoever wakes then finds that it is closing time, and goes before it is said to wait for an answer.</summary>
    public DateTimeOffset LastWaking { get; private set; }

    /// <summary>Of each event that was told: whose endpoint took it.</summary>
    public Dictionary<string, string> ToldTo { get; } = new(StringComparer.Ordinal);

    public Overloads Overloads { get; }

    public Departures Departures { get; }

    public int Kills { get; private set; }

    /// <summary>The safety phase: from here on everything goes wrong as often as the seed has drawn.</summary>
    public void Storm() =>
        (LastWaking, ServiceTrouble, _weather.Rates, _adversary.Rates) = (Time.GetUtcNow() + Options.Safety + SeedRun.ClientsWake, Options.ServiceTrouble, Options.Journal, Options.Rates);

    /// <summary>Archives whatever has no alarm, however young: nobody may notice, neither who lives nor who reads.</summary>
    public async Task Archive() => await new Archivist(_store).Archive(await _store.Streams("", null, int.MaxValue, CancellationToken.None), long.MaxValue, CancellationToken.None);

    /// <summary>The liveness phase: from here on nothing goes wrong any more, and nobody asks for anything new.</summary>
    public void Calm() => (Closing, ClosedAt, ServiceTrouble, _weather.Rates, _adversary.Rates) = (true, Time.GetUtcNow(), 0, JournalRates.None, Quiet);

    public void KillOne()
    {
        Kills++;
        _adversary.Kill(Random.Next(Options.Silos));
    }

    /// <summary>One process is asked to end while calls come, and another takes its place.</summary>
    public async Task DrainOne(int silo)
    {
        var calm = Closing;
        try
        {
            await _adversary.Drain(silo, End);
        }
        catch (TimeoutException late)
        {
            // Whoever started it kills it then: what it waited for was the journal, or another's answer.
            Findings.Expect(!calm, $"A process does not end in order though nothing goes wrong: {late.Message}");
        }
    }

    /// <summary>As the server does at a signal to stop, in its order.</summary>
    private async Task End(SimulatedSilo silo, GrainEngine engine)
    {
        var (committer, sweeper, process) = _processes[silo];
        await sweeper.DisposeAsync();
        process.Leaves();
        await Plant.End(engine, committer);
        Tell($"ended {silo.Number}");
        Departures.Ended(process);
    }

    private void Look(MessageFate fate)
    {
        if (fate.Fate == "delivered")
        {
            Overloads.Arrived(fate.CommandId);
        }

        Tell($"{fate.Fate} {fate.Silo} {fate.Stream} {fate.CommandId}");
    }

    public void KillAll()
    {
        for (var silo = 0; silo < Options.Silos; silo++)
        {
            _adversary.Kill(silo);
        }
    }

    public SnapshotCount Snapshots { get; } = new();

    public Guid NewId() => NewId(Time);

    /// <summary>It was a tenant for tests, and was reset: whatever was under way there stays so.</summary>
    private bool IsOver(string tenant) => Tenants.Any(known => known.Name == tenant && known.Clocks.IsOver);

    /// <summary>Some entry has taken this key.</summary>
    public bool IsStored(string tenant, CommandKey key) => _store.FindKey(tenant, key.Credential, key.Key, CancellationToken.None).GetAwaiter().GetResult() is not null;

    /// <summary>Of all rows since it was asked last, in the order in which they were committed.</summary>
    private List<(string Stream, long Seq)> Touched()
    {
        var cut = _store.Cut(CancellationToken.None).GetAwaiter().GetResult();
        var rows = _store.Placed(RowPlace.After(_read), cut, int.MaxValue, CancellationToken.None).GetAwaiter().GetResult();
        _read = cut;
        if (Options.Talks)
        {
            foreach (var row in rows) _places[(row.Place.Stream, row.Place.Seq)] = row.Place;
        }

        return [.. rows.Select(row => (row.Place.Stream, row.Place.Seq))];
    }

    /// <summary>Of a row that was read, among all.</summary>
    public RowPlace PlaceOf(StreamId stream, long seq) => _places[(stream.ToString(), seq)];

    /// <summary>What agents are told at the process that has this place now.</summary>
    internal Listening ListeningAt(int silo) => _listening[_adversary.Silos[silo]];

    /// <summary>Whatever is told becomes part of the trace hash.</summary>
    public void Tell(string what)
    {
        Scheduler.Trace.Add(what);
        _log?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Time.Elapsed.TotalSeconds:0.000} {what}"));
    }

    private void Tell(JournalRow row, IEnumerable<Committed> events)
    {
        Scheduler.Trace.Add(Convert.ToHexString(row.Hash.Span));
        foreach (var committed in _log is null ? [] : events)
        {
            _log?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Time.Elapsed.TotalSeconds:0.000} committed {row.Stream} #{row.Seq} at {committed.At:mm:ss.fff} by {committed.CommandId}: {committed.Event}"));
        }
    }

    /// <summary>Clocks differ even so.</summary>
    private AdversaryRates Quiet => AdversaryRates.None with { MaxSkew = Options.Rates.MaxSkew };

    /// <summary>As operators see all funds; the reference store answers without waiting.</summary>
    private IReadOnlyList<long> Totals(string tenant) => _store.Totals(
        TableShapes.Of(FundTables.Funds), tenant, ["balance_micros", "entered_micros", "left_micros", "sent_micros", "received_micros"], CancellationToken.None).GetAwaiter().GetResult();

    private GrainEngine Start(SimulatedSilo silo)
    {
        var process = new Departures.Process();
        var journal = process.Between(Plant.Between(_tenants.Between(new CountedSnapshots(_store.Connect(_weather.Next), Snapshots)), silo));
        var entities = new Entities(silo.Calls);
        var ports = Ports(journal, entities, silo, silo.Clock);
        var engine = new GrainEngine(
            new() { TurnsPerSlice = 1, IdleAge = Options.IdleAge, CallTimeout = Limits.GrainCallTimeout, EndFailed = NotEnded }, silo, silo.Clock);
        var sweeper = new Sweeper(journal, (stream, _) => entities.Wake(StreamId.Parse(stream), NewId(silo.Clock)), NotWoken, new(), silo, silo.Clock, new TestClocks(journal).Ahead);
        sweeper.Start();
        _processes[silo] = (ports.Committer, sweeper, process);
        if (Options.Talks)
        {
            _listening[silo] = new(silo, journal, ports.Keys, silo.Clock, Findings);
        }

        return engine.RegisterAll((entity, host) => Plant.Activate(Watching.Of(Plant.Instead(entity), process), ports, host));
    }

    private EntityPorts Ports(IJournal journal, Entities entities, TaskScheduler scheduler, TimeProvider clock)
    {
        var times = new TenantTimes(entities, clock, alone: false, () => NewId(clock));
        var keys = Keys(journal, clock);
        var asking = new AskingUpstreams(entities, Time);
        var tools = new FakeToolServers(this, asking, clock);
        var agents = Options.Skills ? Agents(new(journal, keys), new PolledFeed(journal, clock), entities, clock) : null;
        var skills = agents is null ? null : new SkillCaller(agents, new(new AskedServices.Offers(this), entities, times), clock);
        var real = new ServiceCaller(entities, new PlayedServices.NothingLeaves(), times, NullLogger<ServiceCaller>.Instance, new(asking, tools, new(), clock), agents, skills);
        var posts = Plant.Posting(new FakeWebhooks(this, clock));
        var services = new PlayedServices(new(this, clock), real, agents is null ? null : new(this, real, Plant, clock));
        return new(
            journal,
            new GroupCommitter(journal, Options.Room is { } room ? new() { SoftEntries = room, FewTogether = 2 } : new(), scheduler, clock),
            keys,
            new SnapshotCodes(MasterKey),
            OutsideHandlers.Runner(entities, journal, services, times, new FakeFacilitator(this, clock), new(entities, new PolledFeed(journal, clock), journal, keys, posts, times), new(entities, tools, clock), Options.Posts && scheduler is SimulatedSilo silo ? new(entities, new PostedPages(() => _listening[silo], clock), posts, times) : null),
            clock,
            new Breakages(Findings),
            () => NewId(clock)) { SnapshotEvery = Options.SnapshotEvery, Times = times };
    }

    private AgentCaller Agents(ConversationLog log, IFeed feed, Entities entities, TimeProvider clock) => new(entities, new(feed, log, clock), log, clock, () => NewId(clock));

    private void NotWoken(string? stream, Exception failure) => Findings.Expect(
        failure is TimeoutException or JournalUnavailableException, $"Waking {stream ?? "what is due"} failed with {failure.GetType().Name} instead of a typed failure: {failure.Message}");

    private void NotEnded(StreamId stream, Exception failure) => Findings.AddNoticed($"{stream} failed to end: {failure.GetType().Name}: {failure.Message}");

    /// <summary>Memories as an edge finds them: of its own index, over the journal.</summary>
    internal (IMemorySearch Search, MemoryLog Log) Memories()
    {
        var journal = _store.Connect(_weather.Next);
        var log = new MemoryLog(new(journal, Keys(journal, Time)));
        return (Plant.Searching(new MemoryIndex(log, MemoryIndexBytes)), log);
    }

    /// <summary>Runs that are over, as an edge finds them.</summary>
    internal IJournalReader Reader()
    {
        var journal = _store.Connect(_weather.Next);
        return new JournalReader(journal, Keys(journal, Time));
    }

    private PersonalKeys Keys(IJournal journal, TimeProvider clock) => new(journal, MasterKey, Random.NextBytes, clock);

    public Guid NewId(TimeProvider clock)
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.NextBytes(bytes);
        return Ids.Derive(clock.GetUtcNow(), new Guid(bytes), 0);
    }
}
