using System.Diagnostics;

namespace Agora.Outbound.Tests;

/// <summary>What a trace says of a call.</summary>
public sealed class CallSpanTests
{
    [Theory]
    [InlineData("500 Internal Server Error", 500, ActivityStatusCode.Error, "BadStatus")]
    [InlineData("200 OK", 200, ActivityStatusCode.Unset, null)]
    public async Task A_call_that_failed_is_an_error_with_its_kind_and_status_and_one_that_did_not_is_none(string status, int code, ActivityStatusCode shown, string? error)
    {
        var trace = ActivityTraceId.CreateRandom();
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Agora.Outbound",
            Sample = (ref ActivityCreationOptions<ActivityContext> asked) => asked.Parent.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var service = new ScriptedService(_ => ScriptedService.Response(status));
        using var outbound = Calls.For(service);

        await outbound.Call(Calls.To(service.Port, traceparent: $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));

        var span = Assert.Single(ended);
        Assert.Equal((ActivityKind.Client, shown, code, error), (span.Kind, span.Status, span.GetTagItem("http.response.status_code"), span.GetTagItem("error.type")));
    }
}
