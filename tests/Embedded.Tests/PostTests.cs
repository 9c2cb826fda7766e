using Agora.Contracts;
using Agora.Specifications;
using Agora.Testing;
using Orleans;
using Orleans.Concurrency;

namespace Agora.Embedded.Tests;

/// <summary>A message whose answer comes to a reply: in which turn, once, and when its time is over.</summary>
public sealed class PostTests
{
    private readonly SimTimeProvider _time = new();
    private readonly SimScheduler _scheduler;
    private readonly GrainEngine _engine;

    public PostTests()
    {
        _scheduler = new(new Random(1), _time);
        _engine = new GrainEngine(new() { TurnsPerSlice = 1 }, _scheduler, _time)
            .Register<IProbeGrain, AskingGrain>(() => new AskingGrain())
            .Register<ISerialProbeGrain, HoldingGrain>(() => new HoldingGrain());
    }

    [Fact]
    public void The_answer_is_heard_in_a_turn_of_the_grain_that_asked()
    {
        var heard = Ask("asker", new("held", null, 0));

        HoldingGrain.Answer("held", 0, "yes");
        _scheduler.RunReady();

        Assert.Equal(["yes in asker"], heard.All);
    }

    [Fact]
    public void What_is_answered_twice_or_too_late_is_heard_once()
    {
        var heard = Ask("asker-2", new("held-2", TimeSpan.FromSeconds(5), 0));
        _scheduler.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(["TimeoutException in asker-2"], heard.All);

        HoldingGrain.Answer("held-2", 0, "late");
        HoldingGrain.Answer("held-2", 0, "again");
        _scheduler.RunFor(TimeSpan.FromMinutes(1));

        Assert.Single(heard.All);
    }

    [Fact]
    public void Each_message_ends_at_its_own_time_whichever_was_sent_first()
    {
        var longest = Ask("a", new("silent", null, 0));
        _scheduler.RunFor(TimeSpan.FromSeconds(1));
        var first = Ask("b", new("silent", TimeSpan.FromSeconds(5), 1));
        _scheduler.RunFor(TimeSpan.FromSeconds(3));
        var second = Ask("c", new("silent", TimeSpan.FromSeconds(5), 2));

        Assert.Equal((0, 0, 0), (longest.All.Count, first.All.Count, second.All.Count));
        _scheduler.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal((0, 1, 0), (longest.All.Count, first.All.Count, second.All.Count));
        _scheduler.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal((0, 1, 1), (longest.All.Count, first.All.Count, second.All.Count));
        _scheduler.RunFor(TimeSpan.FromSeconds(20) - TimeSpan.FromTicks(1) + TimeSpan.FromSeconds(1));
        Assert.Empty(longest.All);
        _scheduler.RunFor(TimeSpan.FromTicks(1));
        Assert.Equal(["TimeoutException in a"], longest.All);
    }

    [Fact]
    public void One_whose_time_is_over_before_its_turn_is_not_begun()
    {
        Ask("busy-asker", new("busy", null, 0));
        var heard = Ask("late-asker", new("busy", TimeSpan.FromSeconds(5), 1));
        _scheduler.RunFor(TimeSpan.FromSeconds(5));
        Assert.Single(heard.All);

        HoldingGrain.Answer("busy", 0, "free");
        _scheduler.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal([0], HoldingGrain.Begun("busy"));
    }

    private Heard Ask(string asker, Asked asked)
    {
        var heard = new Heard();
        _scheduler.Run(() => _engine.Grains.GetGrain<IProbeGrain>(asker).Send(new(Guid.NewGuid(), null, (asked, heard, _engine.Grains))));
        _scheduler.RunReady();
        return heard;
    }

    private sealed record Asked(string Key, TimeSpan? AtMost, int Number);

    private sealed class Heard
    {
        public List<string> All { get; } = [];
    }

    /// <summary>Sends one message on, and answers its caller at once.</summary>
    [Reentrant]
    private sealed class AskingGrain : Grain, IProbeGrain
    {
        public Task<Envelope> Send(Envelope envelope)
        {
            var (asked, heard, grains) = ((Asked, Heard, IGrainFactory))envelope.Body;
            ((IPosts)grains).Post(typeof(ISerialProbeGrain), asked.Key, new(Guid.NewGuid(), null, asked.Number), asked.AtMost, new Hearing(heard, TaskScheduler.Current, this.GetPrimaryKeyString()));
            return Task.FromResult(envelope.Answered("sent"));
        }

        private sealed class Hearing(Heard heard, TaskScheduler turns, string key) : IReply
        {
            public void Answered(object body) => heard.All.Add($"{body} in {(TaskScheduler.Current == turns ? key : "another's turn")}");

            public void Failed(Exception failure) => Answered(failure.GetType().Name);
        }
    }

    /// <summary>Answers when the test says so; not reentrant, so it has one message at a time.</summary>
    private sealed class HoldingGrain : Grain, ISerialProbeGrain, IReceiver
    {
        private static readonly Dictionary<(string Key, int Number), IReply> Held = [];
        private readonly string _key;

        public HoldingGrain() => _key = this.GetPrimaryKeyString();

        public static void Answer(string key, int number, string body) => Held[(key, number)].Answered(body);

        public static IEnumerable<int> Begun(string key) => Held.Keys.Where(held => held.Key == key).Select(held => held.Number);

        public void Receive(Envelope envelope, IReply reply) => Held.Add((_key, (int)envelope.Body), reply);

        public Task<Envelope> Send(Envelope envelope) => throw new NotSupportedException();
    }
}
