using System.Net;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Tests.Http;

public sealed class WrongKeyTests
{
    private const string Log = "Agora.Web.WrongKeys";
    private static readonly Rejection Unauthorized = new(Codes.Unauthorized, "No.");
    private readonly StoppedTime _time = new();
    private readonly KeptLog _log = new();
    private readonly WrongKeys _keys;

    public WrongKeyTests() => _keys = new(_time, new Logger<WrongKeys>(new LoggerFactory([_log])));

    [Fact]
    public async Task After_five_wrong_keys_in_a_minute_an_address_waits_for_each_answer()
    {
        var answers = Enumerable.Range(0, 7).Select(_ => Try("203.0.113.1")).ToList();

        Assert.Equal([true, true, true, true, true, false, false], answers.Select(a => a.IsCompleted));
        Assert.True(Try("203.0.113.2").IsCompleted, "another address is not slowed");
        _time.Advance(Limits.WrongKeyWait);
        Assert.All(await Task.WhenAll(answers), a => Assert.Equal(Codes.Unauthorized, a.Code));
    }

    [Fact]
    public void In_the_next_minute_an_address_begins_anew()
    {
        for (var i = 0; i < Limits.WrongKeysAtOnce; i++)
        {
            Assert.True(Try("203.0.113.1").IsCompleted);
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Try("203.0.113.1").IsCompleted);
    }

    [Fact]
    public async Task Where_sixteen_wait_already_the_next_is_rate_limited_and_its_connection_closed()
    {
        var answers = Enumerable.Range(0, Limits.WrongKeysAtOnce + Limits.WrongKeysWaitingOfOne).Select(_ => Try("203.0.113.1")).ToList();
        var http = From("203.0.113.1");
        var next = await _keys.Refuse(new ReceivedRequest(http), "operator", Unauthorized);

        Assert.Equal((Codes.RateLimited, 60), (next.Code, next.RetryAfterSeconds));
        Assert.Equal("close", http.Response.Headers.Connection.ToString());
        _time.Advance(Limits.WrongKeyWait);
        Assert.All(answers, a => Assert.True(a.IsCompleted));
        Assert.False(Try("203.0.113.1").IsCompleted, "there is room again");
    }

    [Fact]
    public void Addresses_of_one_IPv6_network_are_one_and_made_up_ones_beyond_the_bound_wait_from_the_first_key_on()
    {
        for (var i = 0; i < Limits.WrongKeysAtOnce; i++)
        {
            Assert.True(Try($"2001:db8::{i + 1}").IsCompleted);
        }

        Assert.False(Try("2001:db8::ffff:1").IsCompleted);
        for (var i = 1; i < Limits.WrongKeyAddresses; i++)
        {
            Assert.True(Try($"10.0.{i >> 8}.{i & 255}").IsCompleted);
        }

        Assert.False(Try("10.1.0.0").IsCompleted);
    }

    [Fact]
    public async Task Who_hangs_up_leaves_its_place_to_others()
    {
        for (var i = 0; i < Limits.WrongKeysAtOnce; i++)
        {
            Assert.True(Try("203.0.113.1").IsCompleted);
        }

        using var hangsUp = new CancellationTokenSource();
        for (var i = 0; i < Limits.WrongKeysWaitingOfOne; i++)
        {
            var http = From("203.0.113.1");
            http.RequestAborted = hangsUp.Token;
            _ = _keys.Refuse(new ReceivedRequest(http), "operator", Unauthorized);
        }

        Assert.True(Try("203.0.113.1").IsCompleted);
        await hangsUp.CancelAsync();
        Assert.False(Try("203.0.113.1").IsCompleted);
    }

    [Fact]
    public void The_log_names_kind_and_address_thins_out_and_has_an_end()
    {
        for (var i = 0; i < Limits.WrongKeysAtOnce + Limits.WrongKeysWaitingOfOne; i++)
        {
            Try("203.0.113.1");
        }

        Assert.Equal([1, 2, 4, 8, 16], _log.Of(Log).Select(line => int.Parse(line.Split(": ")[1].Split(' ')[0])));
        Assert.StartsWith("A wrong operator key from 203.0.113.1 at ", _log.Of(Log)[0], StringComparison.Ordinal);
        for (var i = 0; i < 2 * Limits.WrongKeyLines; i++)
        {
            Try($"10.0.0.{i}");
        }

        Assert.Equal(Limits.WrongKeyLines + 1, _log.Of(Log).Count);
        Assert.EndsWith("no more of them are logged in this minute", _log.Of(Log)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_operators_and_platform_keys_are_logged_without_the_key_and_right_ones_are_let_in_meanwhile()
    {
        await using var api = await RunningApi.Start(log: _log);
        for (var i = 0; i < Limits.WrongKeysAtOnce; i++)
        {
            (await api.Client.Get("/admin/users", $"a-wrong-key-{i}")).Refused(401, Codes.Unauthorized);
        }

        var waits = api.Client.Post("/agent/auth", "a-wrong-key", "{}");
        (await api.Client.Admin(HttpMethod.Get, "/admin/users")).Expect(200);
        (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, "{}")).Refused(422, Codes.ValidationFailed);
        (await api.Client.Post("/agent/auth", "agk_agent-1.AAAA", "{}")).Refused(401, Codes.Unauthorized);
        Assert.False(waits.IsCompleted, "whoever guesses waits, and nobody else does");
        (await waits).Refused(401, Codes.Unauthorized);
        Assert.Equal("A wrong operator key from 127.0.0.1 at GET /admin/users: 1 in this minute", _log.Of(Log)[0]);
        Assert.DoesNotContain(_log.Of(Log), line => line.Contains("a-wrong-key", StringComparison.Ordinal));
    }

    /// <summary>A path has ids, and what has no route may be anything.</summary>
    [Theory]
    [InlineData("/admin/users/alice", "GET /admin/users/{user_id}")]
    [InlineData("/admin/campaigns/own/progress?limit=1", "GET /admin/campaigns/{campaign_id}/progress")]
    public async Task A_line_of_a_wrong_key_names_the_routes_pattern_and_not_the_path(string path, string route)
    {
        await using var api = await RunningApi.Start(log: _log);
        (await api.Client.Get(path, "wrong")).Refused(401, Codes.Unauthorized);
        Assert.Equal($"A wrong operator key from 127.0.0.1 at {route}: 1 in this minute", Assert.Single(_log.Of(Log)));
    }

    [Fact]
    public void A_line_of_a_wrong_key_at_no_operation_names_the_pattern_and_at_no_route_that_there_is_none()
    {
        var page = From("203.0.113.1");
        (page.Request.Method, page.Request.Path) = ("POST", "/console/enter/aul_secret");
        page.SetEndpoint(new RouteEndpoint(static _ => Task.CompletedTask, RoutePatternFactory.Parse("/console/enter/{link}"), 0, null, "HTTP: POST /console/enter/{link} => TakeLink"));
        var none = From("203.0.113.2");
        (none.Request.Method, none.Request.Path) = ("GET", "/dashboard/alice");
        foreach (var http in new[] { page, none })
        {
            Assert.True(_keys.Refuse(new ReceivedRequest(http), "operator", Unauthorized).IsCompleted);
        }

        Assert.Equal(["A wrong operator key from 203.0.113.1 at POST /console/enter/{link}: 1 in this minute", "A wrong operator key from 203.0.113.2 at GET of no route: 1 in this minute"], _log.Of(Log));
    }

    [Fact]
    public async Task A_line_of_a_refusal_to_an_operator_names_the_routes_pattern()
    {
        await using var api = await RunningApi.Start(log: _log);
        (await api.Client.Admin(HttpMethod.Get, "/admin/users/u-404")).Refused(404, Codes.NotFound);
        Assert.Contains(_log.Of("Agora.Web.OperatorGate"), static line => line.Contains(" was refused get_user (GET /admin/users/{user_id}) on ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Behind_trusted_proxies_the_clients_address_counts_and_from_anyone_else_what_it_says_of_itself_is_ignored()
    {
        await using var behind = await RunningApi.Start(trustedProxies: [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8")], log: _log);
        (await behind.Client.Send(HttpMethod.Get, "/admin/users", "wrong", null, ("X-Forwarded-For", "198.51.100.9, 203.0.113.7, 10.1.2.3"))).Refused(401, Codes.Unauthorized);
        Assert.Equal("A wrong operator key from 203.0.113.7 at GET /admin/users: 1 in this minute", Assert.Single(_log.Of(Log)));

        using var own = new KeptLog();
        await using var open = await RunningApi.Start(log: own);
        (await open.Client.Send(HttpMethod.Get, "/admin/users", "wrong", null, ("X-Forwarded-For", "203.0.113.7"))).Refused(401, Codes.Unauthorized);
        Assert.Equal("A wrong operator key from 127.0.0.1 at GET /admin/users: 1 in this minute", Assert.Single(own.Of(Log)));
    }

    private Task<Rejection> Try(string address) => _keys.Refuse(new ReceivedRequest(From(address)), "operator", Unauthorized);

    private static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };

    /// <summary>Time that moves only when told, and then fires what has become due.</summary>
    private sealed class StoppedTime : TimeProvider
    {
        private readonly List<Due> _due = [];
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var due = new Due(this, callback, state);
            due.Change(dueTime, period);
            return due;
        }

        public void Advance(TimeSpan by)
        {
            _now += by;
            foreach (var due in _due.Where(d => d.At <= _now).ToList())
            {
                _due.Remove(due);
                due.Fire();
            }
        }

        private sealed class Due(StoppedTime time, TimerCallback callback, object? state) : ITimer
        {
            public DateTimeOffset At { get; private set; }

            public void Fire() => callback(state);

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                time._due.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    At = time._now + dueTime;
                    time._due.Add(this);
                }

                return true;
            }

            public void Dispose() => time._due.Remove(this);

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
