using Agora.Contracts;
using Agora.Testing;

namespace Agora.TestEngine.Tests;

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
            .Register("asking", host => new Asking(host, _engine!))
            .Register("holding", host => new Holding(host));
    }

    [Fact]
    public void The_answer_is_heard_in_a_turn_of_the_entity_that_asked()
    {
        var heard = Ask("asker", new("held", null, 0));

        Holding.Answer("held", 0, "yes");
        _scheduler.RunReady();

        Assert.Equal(["yes in asker"], heard.All);
    }

    [Fact]
    public void What_is_answered_twice_or_too_late_is_heard_once()
    {
        var heard = Ask("asker-2", new("held-2", TimeSpan.FromSeconds(5), 0));
        _scheduler.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(["TimeoutException in asker-2"], heard.All);

        Holding.Answer("held-2", 0, "late");
        Holding.Answer("held-2", 0, "again");
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

    private Heard Ask(string asker, Asked asked)
    {
        var heard = new Heard();
        _scheduler.Run(() => _engine.Send(new("default", "asking", asker), new(Guid.NewGuid(), null, (asked, heard))));
        _scheduler.RunReady();
        return heard;
    }

    private sealed record Asked(string Key, TimeSpan? AtMost, int Number);

    private sealed class Heard
    {
        public List<string> All { get; } = [];
    }

    /// <summary>Sends one message on, and answers its caller at once.</summary>
    private sealed class Asking(IActivationHost host, IEntityCalls calls) : EntityActivation
    {
        public override void Receive(Envelope envelope, IReply reply)
        {
            var (asked, heard) = ((Asked, Heard))envelope.Body;
            calls.Post(new("default", "holding", asked.Key), new(Guid.NewGuid(), null, asked.Number), asked.AtMost, new Hearing(heard, TaskScheduler.Current, host.Stream.Id));
            reply.Answered("sent");
        }

        private sealed class Hearing(Heard heard, TaskScheduler turns, string key) : IReply
        {
            public void Answered(object body) => heard.All.Add($"{body} in {(TaskScheduler.Current == turns ? key : "another's turn")}");

            public void Failed(Exception failure) => Answered(failure.GetType().Name);
        }
    }

    /// <summary>Answers when the test says so.</summary>
    private sealed class Holding(IActivationHost host) : EntityActivation
    {
        private static readonly Dictionary<(string Key, int Number), IReply> Held = [];

        public static void Answer(string key, int number, string body) => Held[(key, number)].Answered(body);

        public override void Receive(Envelope envelope, IReply reply) => Held.Add((host.Stream.Id, (int)envelope.Body), reply);
    }
}
