using System.Diagnostics;
using static Agora.Outbound.Tests.ScriptedService;

namespace Agora.Outbound.Tests;

public sealed class HttpOutboundTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task A_200_gives_its_body_and_the_service_saw_the_whole_call()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", """{"summary":"hi"}"""));
        using var outbound = Calls.For(service);

        var result = await outbound.Call(Calls.To(service.Port, traceparent: Trace, auth: new AuthHeader("X-Service-Key", "s3cret")));

        Assert.Equal("""{"summary":"hi"}""", result.Text());
        Assert.Equal(1, result.Attempts);
        var request = Assert.Single(service.Seen);
        Assert.Equal("POST /run?x=1 HTTP/1.1", request.RequestLine);
        Assert.Equal("""{"text":"hello"}""", request.Body);
        Assert.Equal("application/json", request.Headers["Content-Type"].Single());
        Assert.Equal(Calls.Key, request.Headers["Idempotency-Key"].Single());
        Assert.Equal(Trace, request.Headers["traceparent"].Single());
        Assert.Equal("s3cret", request.Headers["X-Service-Key"].Single());
    }

    [Fact]
    public async Task A_try_says_that_it_is_one_and_what_it_may_cost()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        using var outbound = Calls.For(service);

        await outbound.Call(Calls.Trying(service.Port));

        var sent = Assert.Single(service.Seen).Headers;
        Assert.Equal(("true", "12.5"), (sent["Agora-Try"].SingleOrDefault(), sent["Agora-Max-Cost-Cents"].SingleOrDefault()));
    }

    [Fact]
    public async Task What_is_taken_back_is_a_DELETE_without_a_body_under_the_same_key()
    {
        await using var service = new ScriptedService(_ => Response("204 No Content"));
        using var outbound = Calls.For(service);

        await outbound.Call(Calls.TakingBack(service.Port));

        var request = Assert.Single(service.Seen);
        Assert.Equal(("DELETE /run?x=1 HTTP/1.1", "", Calls.Key), (request.RequestLine, request.Body, request.Headers["Idempotency-Key"].Single()));
    }

    [Fact]
    public async Task What_is_not_wanted_any_more_is_not_tried_again()
    {
        using var unwanted = new CancellationTokenSource();
        await using var service = new ScriptedService(_ =>
        {
            unwanted.Cancel();
            return Response("503 Service Unavailable");
        });
        using var outbound = Calls.For(service);

        var result = await outbound.Call(Calls.To(service.Port, unwanted: unwanted.Token));

        Assert.Equal(OutboundFailure.BadStatus, result.Kind());
        Assert.Single(service.Seen);
    }

    [Fact]
    public async Task Nothing_of_the_callers_own_trace_context_is_sent_along()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        using var outbound = Calls.For(service);
        using var activity = new Activity("inside").SetIdFormat(ActivityIdFormat.W3C).AddBaggage("user", "u-1").Start();
        activity.TraceStateString = "inner=1";

        await outbound.Call(Calls.To(service.Port));

        var sent = Assert.Single(service.Seen).Headers.Select(header => header.Key.ToLowerInvariant()).Order();
        Assert.Equal(["accept", "accept-encoding", "content-length", "content-type", "host", "idempotency-key"], sent);
    }

    [Theory]
    [InlineData("502 Bad Gateway")]
    [InlineData("503 Service Unavailable")]
    [InlineData("504 Gateway Timeout")]
    public async Task A_passing_status_then_200_succeeds_at_the_second_attempt_with_the_same_key(string status)
    {
        await using var service = new ScriptedService(number => number == 1 ? Response(status) : Response("200 OK", "{}"));
        using var outbound = Calls.For(service);

        var result = await outbound.Call(Calls.To(service.Port));

        Assert.Equal("{}", result.Text());
        Assert.Equal(2, result.Attempts);
        Assert.Equal([Calls.Key, Calls.Key], service.Seen.Select(request => request.Headers["Idempotency-Key"].Single()));
    }

    [Theory]
    [InlineData("400 Bad Request", 400)]
    [InlineData("429 Too Many Requests", 429)]
    [InlineData("500 Internal Server Error", 500)]
    [InlineData("501 Not Implemented", 501)]
    public async Task Any_other_status_is_not_repeated_BadStatus(string status, int code)
    {
        await using var service = new ScriptedService(_ => Response(status, "the database password is hunter2"));
        using var outbound = Calls.For(service);

        var result = await outbound.Call(Calls.To(service.Port));

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.BadStatus, code, 1), result);
        Assert.DoesNotContain("hunter2", result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("400 Bad Request", 400)]
    [InlineData("409 Conflict", 409)]
    public async Task A_refusal_is_read_where_the_call_asks_for_it(string status, int code)
    {
        await using var service = new ScriptedService(_ => Response(status, """{"isValid":false}"""));
        using var outbound = Calls.For(service);

        var result = await outbound.Call(Calls.To(service.Port, readsRefusals: true));

        Assert.Equal("""{"isValid":false}""", result.Text());
        Assert.Equal((code, 1), (((OutboundResult.Succeeded)result).Status, result.Attempts));
    }

    [Fact]
    public async Task A_failure_of_the_service_is_never_read()
    {
        await using var service = new ScriptedService(_ => Response("500 Internal Server Error", "{}"));
        using var outbound = Calls.For(service);
        Assert.Equal(OutboundFailure.BadStatus, (await outbound.Call(Calls.To(service.Port, readsRefusals: true))).Kind());
    }

    [Fact]
    public async Task A_call_without_a_body_is_a_GET()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        using var outbound = Calls.For(service);

        await outbound.Call(Calls.To(service.Port, body: null));

        var request = Assert.Single(service.Seen);
        Assert.Equal("GET /run?x=1 HTTP/1.1", request.RequestLine);
        Assert.Empty(request.Headers["Content-Type"]);
        Assert.Equal(Calls.Key, request.Headers["Idempotency-Key"].Single());
    }

    [Fact]
    public async Task A_service_that_stays_unavailable_gets_three_attempts_BadStatus()
    {
        await using var service = new ScriptedService(_ => Response("503 Service Unavailable"));
        using var outbound = Calls.For(service);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.BadStatus, 503, 3), await outbound.Call(Calls.To(service.Port)));
        Assert.Equal(3, service.Seen.Length);
    }

    [Theory]
    [InlineData("301 Moved Permanently", 301)]
    [InlineData("307 Temporary Redirect", 307)]
    public async Task A_redirect_is_not_followed_Redirect(string status, int code)
    {
        await using var target = new ScriptedService(_ => Response("200 OK", "{}"));
        await using var service = new ScriptedService(_ => Response(status, headers: $"Location: http://127.0.0.1:{target.Port}/\r\n"));
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), new FakeTime());

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Redirect, code, 1), await outbound.Call(Calls.To(service.Port)));
        Assert.Equal(0, target.Connections);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_three_times_Connection()
    {
        int port;
        await using (var gone = new ScriptedService(_ => ""))
            port = gone.Port;
        using var outbound = new HttpOutbound(AllowList.Parse($"127.0.0.1:{port}"), new FakeTime(), jitter: () => 0);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Connection, null, 3) { Sent = 0 }, await outbound.Call(Calls.To(port)));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    public async Task A_call_whose_answer_never_came_counts_as_sent_each_time(string method)
    {
        await using var service = new ScriptedService(_ => "");
        using var outbound = Calls.For(service);

        var result = await outbound.Call(Calls.To(service.Port, body: method == "GET" ? null : "{}"));

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Connection, null, 3) { Sent = 3 }, result);
    }

    [Fact]
    public async Task An_answer_after_an_attempt_that_found_no_connection_was_sent_once()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        var asked = 0;
        using var outbound = Calls.For(service, resolve: (_, _) =>
            Task.FromResult<System.Net.IPAddress[]>(++asked == 1 ? [] : [System.Net.IPAddress.Loopback]));

        var result = await outbound.Call(Calls.To(service.Port, "late.example"));

        Assert.Equal((2, 1), (result.Attempts, result.Sent));
    }

    [Fact]
    public async Task A_response_cut_off_in_the_middle_is_tried_again_and_then_succeeds()
    {
        await using var service = new ScriptedService(number => number == 1
            ? "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half"
            : Response("200 OK", "{}"));
        using var outbound = Calls.For(service);

        Assert.Equal(2, Assert.IsType<OutboundResult.Succeeded>(await outbound.Call(Calls.To(service.Port))).Attempts);
    }

    [Fact]
    public async Task What_is_not_HTTP_is_Malformed()
    {
        await using var service = new ScriptedService(_ => "220 smtp.example ESMTP\r\n\r\n");
        using var outbound = Calls.For(service);

        Assert.Equal(OutboundFailure.Malformed, (await outbound.Call(Calls.To(service.Port))).Kind());
    }
}
