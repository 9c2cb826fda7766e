using System.Diagnostics;

namespace Agora.Grains.Tests.Kernel;

/// <summary>What a trace says of commands and of the batch that kept them.</summary>
public sealed class SpansTests
{
    private readonly Bench _bench = new();

    [Fact]
    public void Of_two_commands_in_one_batch_one_is_its_parent_and_the_other_has_a_link_to_it()
    {
        var trace = ActivityTraceId.CreateRandom();
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "Agora.Grains" or "Agora.Journal",
            Sample = (ref ActivityCreationOptions<ActivityContext> asked) => asked.Parent.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var (before, hosts) = (_bench.Activate("before"), new[] { _bench.Activate("t1"), _bench.Activate("t2") });
        _bench.Appends(after: TimeSpan.FromSeconds(1));
        _bench.Send(before, new TallyCommand.Add(1)); // under way: what comes meanwhile goes together
        var sent = hosts.Select(host => _bench.Scheduler.Start(() => host.Send(new(_bench.NewId(), $"00-{trace}-{ActivitySpanId.CreateRandom()}-01", new TallyCommand.Add(1), null)))).ToList();
        sent.ForEach(_bench.Scheduler.RunUntil);

        var batch = Assert.Single(ended, static span => span.DisplayName == "journal append");
        var commands = ended.Where(span => span != batch).ToList();
        Assert.Equal(2, commands.Count);
        Assert.Empty(Assert.Single(commands, span => span.SpanId == batch.ParentSpanId).Links);
        Assert.Equal(batch.Context, Assert.Single(Assert.Single(commands, span => span.SpanId != batch.ParentSpanId).Links).Context);
    }
}
