using System.Collections.Concurrent;
using System.Diagnostics;
using Agora.Api.Tests.Support;
using Xunit.Abstractions;

namespace Agora.Api.Tests.Metrics;

public sealed class TraceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_request_the_entities_that_it_asks_and_the_batches_that_keep_it_are_one_tree_under_the_callers_span()
    {
        var (trace, caller) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());
        using var spans = new Spans(trace);
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();

        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input, ("traceparent", $"00-{trace}-{caller}-01"))).Expect(200);
        await spans.RequestEnded;

        var seen = spans.Seen;
        foreach (var line in Tree(seen, caller, 0))
        {
            output.WriteLine(line);
        }

        var request = Assert.Single(seen, span => span.Source.Name == "Microsoft.AspNetCore");
        Assert.Equal(("POST /agent/services/{service_id}/run", caller), (request.DisplayName, request.ParentSpanId));
        var run = Assert.Single(seen, span => span.Source.Name == "Agora.Grains" && span.ParentSpanId == request.SpanId && span.DisplayName.Contains("Run", StringComparison.Ordinal));
        var below = seen.Where(span => span.ParentSpanId == run.SpanId).ToList();
        Assert.Contains(below, span => span.DisplayName.StartsWith("user ", StringComparison.Ordinal));
        Assert.Contains(seen, span => span.DisplayName == "journal append");
    }

    [Fact]
    public async Task A_request_that_its_caller_does_not_sample_leaves_no_span()
    {
        var trace = ActivityTraceId.CreateRandom();
        using var spans = new Spans(trace);
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();

        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input, ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-00"))).Expect(200);

        Assert.Empty(spans.Seen);
    }

    [Fact]
    public async Task A_request_that_is_answered_with_500_is_an_error_in_the_trace_and_one_that_is_refused_is_none()
    {
        var (failed, refused) = (ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom());
        using var ofFailed = new Spans(failed);
        using var ofRefused = new Spans(refused);
        FailingEntities? entities = null;
        await using var api = await RunningApi.Start(edge: inner => entities = new(inner));
        var token = await api.Client.OpenReady();

        entities!.Fails = true;
        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input, ("traceparent", $"00-{failed}-{ActivitySpanId.CreateRandom()}-01"))).Expect(500);
        entities.Fails = false;
        (await api.Client.Post("/agent/services/none/run", token, Support.Catalogue.Input, ("traceparent", $"00-{refused}-{ActivitySpanId.CreateRandom()}-01"))).Expect(404);
        await Task.WhenAll(ofFailed.RequestEnded, ofRefused.RequestEnded);

        Assert.Equal((ActivityStatusCode.Error, 500), StatusOf(ofFailed));
        Assert.Equal((ActivityStatusCode.Unset, 404), StatusOf(ofRefused));
    }

    private static (ActivityStatusCode, object?) StatusOf(Spans spans)
    {
        var request = Assert.Single(spans.Seen, span => span.Source.Name == "Microsoft.AspNetCore");
        return (request.Status, request.GetTagItem("http.response.status_code"));
    }

    private static IEnumerable<string> Tree(IReadOnlyList<Activity> spans, ActivitySpanId parent, int depth) => spans.Where(span => span.ParentSpanId == parent).OrderBy(span => span.StartTimeUtc)
        .SelectMany(span => Tree(spans, span.SpanId, depth + 1).Prepend($"{new string(' ', 2 * depth)}{span.DisplayName} ({span.Duration.TotalMilliseconds:F1} ms, {span.Links.Count()} links)"));

    /// <summary>Those of one trace that have ended, with the sampler that stands unless another is set: the parent decides.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = [];
        private readonly TaskCompletionSource _request = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ActivityListener _listener;

        public Spans(ActivityTraceId trace)
        {
            _listener = new()
            {
                ShouldListenTo = source => source.Name == "Microsoft.AspNetCore" || source.Name.StartsWith("Agora.", StringComparison.Ordinal),
                Sample = (ref ActivityCreationOptions<ActivityContext> asked) =>
                    asked.Parent.TraceId == trace && asked.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
                ActivityStopped = span =>
                {
                    if (span.TraceId != trace) return; // one that somebody else listens to

                    _ended.Enqueue(span);
                    if (span.Source.Name == "Microsoft.AspNetCore")
                    {
                        _request.TrySetResult();
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public Task RequestEnded => _request.Task.WaitAsync(Hang.Timeout);

        public IReadOnlyList<Activity> Seen => [.. _ended];

        public void Dispose() => _listener.Dispose();
    }
}
