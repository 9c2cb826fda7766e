global using TallyHost = Agora.Grains.Kernel.EntityHost<Agora.Grains.Tests.Kernel.Tally, Agora.Grains.Tests.Kernel.TallyCommand, Agora.Grains.Tests.Kernel.TallyEvent>;

using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Kernel;

/// <summary>
/// One process that hosts tallies, on virtual time and the test's own thread: nothing happens but what the test runs, and a
/// journal call takes as long, and fails as, the test says. <see cref="Next"/> is another process over the same store.
/// </summary>
internal sealed class Bench
{
    private static readonly byte[] MasterKey = new byte[32];
    private readonly MemoryJournal _journal;
    private int _minted;
    private byte _random;

    public Bench(CommitterOptions? options = null)
        : this(new SimTimeProvider(), null, TimeSpan.Zero, options, static journal => journal)
    {
    }

    private Bench(SimTimeProvider time, Bench? before, TimeSpan behind, CommitterOptions? options, Func<IJournal, IJournal> journal)
    {
        Time = time;
        Scheduler = before?.Scheduler ?? new SimScheduler(new Random(1), time);
        _journal = before is null ? new MemoryJournal(time, call => Fault(call)) : before._journal.Connect(call => Fault(call));
        (_minted, _random) = (before?._minted + 1_000 ?? 0, before?._random ?? 0);
        Committer = new(_journal, options ?? new(), Scheduler, time);
        Keys = new(_journal, MasterKey, bytes => bytes.Fill(++_random), time);
        Ports = new(journal(_journal), Committer, Keys, Snapshots, Steps, behind == TimeSpan.Zero ? time : new LateClock(time, behind), NullLogger.Instance, NewId);
    }

    public SimTimeProvider Time { get; }

    public SimScheduler Scheduler { get; }

    public IJournal Journal => _journal;

    public GroupCommitter Committer { get; }

    public PersonalKeys Keys { get; }

    public SnapshotCodes Snapshots { get; } = new(MasterKey);

    public EntityPorts Ports { get; }

    public PlayedSteps Steps { get; } = new();

    public Func<JournalCall, JournalFault> Fault { get; set; } = static _ => default;

    /// <summary>Activations that ended themselves.</summary>
    public int Ended { get; private set; }

    /// <summary>Another process over the same store, without what this one had in memory.</summary>
    public Bench Next(Func<IJournal, IJournal>? journal = null) => new(Time, this, TimeSpan.Zero, null, journal ?? (static j => j));

    /// <summary>As <see cref="Next"/>, with a clock that is behind.</summary>
    public Bench Behind(TimeSpan by) => new(Time, this, by, null, static journal => journal);

    public TallyHost Activate(string id = "t1")
    {
        var host = new TallyHost(TallyDecider.Entity, Ports.ForActivation(StreamId.Wallet(id)), new TurnsOf(StreamId.Wallet(id), Scheduler, () => Ended++));
        Scheduler.Run(() => host.Load(CancellationToken.None));
        return host;
    }

    public Guid NewId() => Ids.Derive(Time.GetUtcNow(), Guid.Empty, ++_minted);

    /// <summary>Sent, and not waited for.</summary>
    public Task<Envelope> Send(TallyHost host, TallyCommand command, Guid? id = null, CommandKey? key = null, bool isStep = false)
    {
        var sent = Scheduler.Start(() => host.Send(new(id ?? NewId(), null, command, key, isStep)));
        Scheduler.RunReady();
        return sent;
    }

    public object Ask(TallyHost host, TallyCommand command, Guid? id = null, CommandKey? key = null, bool isStep = false)
    {
        var sent = Send(host, command, id, key, isStep);
        Scheduler.RunUntil(sent);
        return sent.Result.Body;
    }

    /// <summary>What became of the command of this key.</summary>
    public Answer Outcome(TallyHost host, CommandKey key)
    {
        var asked = Scheduler.Start(() => host.Send(new(IdOf(key), null, OutcomeAsked.Value, key)));
        Scheduler.RunUntil(asked);
        return Assert.IsType<Answer>(asked.Result.Body);
    }

    /// <summary>What has been answered by now.</summary>
    public static object Now(Task<Envelope> sent)
    {
        Assert.True(sent.IsCompleted, "not answered yet");
        return sent.Result.Body;
    }

    /// <summary>The sum, as a query tells it.</summary>
    public long Sum(TallyHost host) => SumIn(Ask(host, new TallyCommand.Get()));

    public static long SumIn(object body) => Assert.IsType<Summed>(Assert.IsType<Answer>(body).Reply).Sum;

    public static FailureKind FailureIn(object body) => Assert.IsType<OperatingFailure>(body).Kind;

    public IReadOnlyList<JournalRow> Rows(string id = "t1") => Scheduler.Run(() => _journal.Read(StreamId.Wallet(id).ToString(), 0, 10_000, default));

    public long? AlarmOf(string id = "t1") =>
        Scheduler.Run(() => _journal.Alarms(long.MaxValue, null, 100, default)).FirstOrDefault(a => a.Stream == StreamId.Wallet(id).ToString())?.AtMicros;

    /// <summary>Appends take this long from now on, and end so.</summary>
    public void Appends(TimeSpan before = default, TimeSpan after = default, JournalFailure fails = JournalFailure.None) =>
        Fault = call => call == JournalCall.Append ? new(fails, before, after) : default;

    public static CommandKey Key(string key, byte body = 0) =>
        new("credential", key, Convert.ToHexStringLower(Enumerable.Repeat(body, 32).ToArray()), 86_400, Guid.NewGuid());

    /// <summary>The id that the edge gives a keyed command.</summary>
    public static Guid IdOf(CommandKey key) => Ids.FromKey(StreamId.DefaultTenant, key.Credential, key.Key);
}

internal sealed class LateClock(TimeProvider time, TimeSpan behind) : TimeProvider
{
    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() - behind;

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}

/// <summary>What is asked of others stays unanswered until the test answers it.</summary>
internal sealed class PlayedSteps : IStepRunner
{
    public static readonly StepOutcome Yes = new StepOutcome.Answered(Agora.Core.Kernel.Answer.Of(Nothing.Value));
    private readonly List<TaskCompletionSource<StepOutcome>> _asked = [];

    public int Asked => _asked.Count;

    public Exception? Throws { get; set; }

    /// <summary>How far the steps are, as their handlers would report it.</summary>
    public List<Action<object>> Reports { get; } = [];

    /// <summary>Of each that was asked: its activation ends.</summary>
    public List<CancellationToken> Endings { get; } = [];

    public void Run(StreamId from, StepTarget target, Guid commandId, string? trace, IStepEvents heard, CancellationToken ending)
    {
        if (Throws is not null) throw Throws;

        Reports.Add(heard.Reported);
        Endings.Add(ending);
        var asked = new TaskCompletionSource<StepOutcome>();
        _asked.Add(asked);
        Hear(asked.Task, heard);
    }

    private static async void Hear(Task<StepOutcome> asked, IStepEvents heard) => heard.Came(await asked);

    public void Answer(int index, StepOutcome outcome) => _asked[index].SetResult(outcome);
}
