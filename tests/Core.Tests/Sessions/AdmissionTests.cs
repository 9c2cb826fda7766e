using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

/// <summary>What every request passes, in its order: known, not ended, not suspended, within the rate, well-formed.</summary>
public sealed class AdmissionTests
{
    private static readonly Rejection Malformed = new(Codes.MalformedRequest, "Not JSON.");

    [Fact]
    public void A_session_that_never_began_is_unauthorized() => Assert.All(
        Requests(Request()), c => Fresh().When(c).ThenRejected(SessionRejection.Unknown));

    [Fact]
    public void A_session_begins_once_and_a_repeat_shows_it_as_it_is() => Begun()
        .ThenEvents(typeof(SessionEvent.Begun))
        .When(new AccessCommand.Begin("a1", "u1", Everything, 999, 10)).Then()
        .ThenAnswered<SessionView>(view => Assert.Equal((Limit, SessionTest.Start.AddHours(1)), (view.Budget.LimitMicros, view.ExpiresAt)));

    [Fact]
    public void An_ended_session_refuses_everything_and_writes_nothing()
    {
        var session = Begun().When(new SessionCommand.Revoke(Request("end_session", "DELETE /agent/session")));
        Assert.All(Requests(Request(malformed: Malformed)), c => session.When(c).ThenRejected(AccessRejection.Revoked));
        session.When(new SessionCommand.Revoke(Request())).ThenRejected(AccessRejection.Revoked);
    }

    [Fact]
    public void A_session_lasts_to_its_expiry_and_not_a_microsecond_longer()
    {
        var session = Begun().After(TimeSpan.FromHours(1) - TimeSpan.FromMicroseconds(1)).When(Read());
        Assert.Null(session.Last.Answer?.Rejection);
        session.After(TimeSpan.FromMicroseconds(1));
        Assert.All(Requests(Request()), c => session.When(c).ThenRejected(AccessRejection.Expired));
    }

    [Fact]
    public void A_suspended_session_refuses_all_but_its_end()
    {
        var session = Begun().When(new AccessCommand.SetStanding(true, null, 1));
        Assert.All(Requests(Request(malformed: Malformed)), c =>
        {
            Assert.Equal(AccessRejection.Suspended(null, session.Now), session.When(c).Rejection());
            Assert.Equal(403, session.Audited().Status);
        });
        session.When(new SessionCommand.Revoke(Request())).ThenAnswered(new SessionEnded("s1", session.Now));
    }

    [Fact]
    public void A_suspension_ends_by_time_and_says_when()
    {
        var session = Begun().When(new AccessCommand.SetStanding(true, 900, 1)).ThenAnswered(new StandingTaken("s1", 1)).After(TimeSpan.FromSeconds(899.5)).When(Read());
        Assert.Equal(("2026-03-01T12:15:00.000000Z", 1L), (Assert.Single(session.Rejection().Facts!).Value, session.Rejection().RetryAfterSeconds));
        session.When(new SessionCommand.Peek()).ThenAnswered<SessionView>(v => Assert.Equal((true, SessionTest.Start.AddSeconds(900)), (v.Suspended, v.ResumeAt)));
        session.After(TimeSpan.FromSeconds(0.5)).When(Read());
        session.ThenAnswered<SessionView>(v => Assert.Equal((false, null), (v.Suspended, v.ResumeAt)));
    }

    [Fact]
    public void Revisions_of_a_standing_only_rise()
    {
        var session = Begun().When(new AccessCommand.SetStanding(true, null, 5)).ThenEvents(typeof(SessionEvent.StandingChanged));
        session.When(new AccessCommand.SetStanding(false, null, 4)).Then().ThenState(s => Assert.True(s.Suspended));
        session.When(new AccessCommand.SetStanding(false, null, 5)).Then().ThenState(s => Assert.True(s.Suspended));
        session.When(new AccessCommand.SetStanding(false, null, 6)).ThenState(s => Assert.False(s.Suspended));
    }

    [Fact]
    public void A_standing_that_comes_before_the_session_begins_is_kept() => Fresh()
        .When(new AccessCommand.SetStanding(true, null, 1))
        .When(new AccessCommand.Begin("a1", "u1", Everything, Limit, 60))
        .When(Read()).ThenRefused(Codes.SessionSuspended);

    [Fact]
    public void The_31st_request_in_a_minute_is_rate_limited_until_the_minute_is_over()
    {
        var session = Flooded(30);
        Assert.Null(session.Last.Answer?.Rejection);
        session.After(TimeSpan.FromSeconds(59)).When(Read());
        Assert.Equal((Codes.RateLimited, 1L), (session.Rejection().Code, session.Rejection().RetryAfterSeconds));
        session.After(TimeSpan.FromSeconds(1)).When(Read());
        Assert.Null(session.Last.Answer?.Rejection);
    }

    [Fact]
    public void A_flood_is_one_audit_row_a_window_that_counts_it()
    {
        var session = Flooded(30);
        var written = new List<SessionEvent.RateExceeded>();
        for (var i = 0; i < 250; i++)
        {
            session.When(i % 2 == 0 ? Read() : Run());
            written.AddRange(session.Last.Events.Select(Assert.IsType<SessionEvent.RateExceeded>));
        }

        Assert.Equal([1L, 10L, 100L], written.Select(e => e.Count));
        Assert.Single(written.Select(e => e.Line.AuditId).Distinct());
        Assert.Equal(429, written[^1].Line.Status);
        var next = session.After(TimeSpan.FromMinutes(1)).When(Read());
        Flood(next, 30);
        Assert.NotEqual(written[0].Line.AuditId, Assert.IsType<SessionEvent.RateExceeded>(Assert.Single(next.Last.Events)).Line.AuditId);
    }

    [Fact]
    public void A_flood_of_a_suspended_session_is_told_of_its_suspension_and_counted_too()
    {
        var session = Begun().When(new AccessCommand.SetStanding(true, null, 1));
        var rows = 0;
        for (var i = 0; i < 130; i++)
        {
            Assert.Equal(Codes.SessionSuspended, session.When(Run()).Rejection().Code);
            rows += session.Last.Events.Length;
        }

        Assert.Equal(30 + 3, rows);
    }

    /// <summary>Twice the rate of 30: the 61st makes it a flood. Nobody else is asked, and nothing is written, for any other of them.</summary>
    [Fact]
    public void A_minute_far_above_the_rate_is_told_to_the_user_once_without_a_row()
    {
        var session = Begun();
        var flooding = new SessionCommand.Visit(Read().Request with { Policy = Policy with { FloodFactor = 2, FloodMinutes = 5 } });
        var told = 0;
        for (var i = 1; i <= 200; i++)
        {
            session.When(flooding);
            if (i != 61)
            {
                Assert.Empty(session.Last.Steps);
                continue;
            }

            told++;
            session.ThenLater().Then().ThenSteps(new UserCommand.ReportFlood("a1", "s1", session.Now, 5));
        }

        Assert.Equal(1, told);
    }

    [Fact]
    public void The_request_that_suspends_is_rate_limited_and_the_next_is_suspended()
    {
        var session = Begun();
        var flooding = new SessionCommand.Visit(Read().Request with { Policy = Policy with { FloodFactor = 1, FloodMinutes = 1 } });
        Flood(session, 30);
        var command = session.NextId();
        session.When(flooding, command).ThenLater();
        var reported = session.Last.Steps[0];
        session.When(new AccessCommand.SetStanding(true, 900, 3)).When((LeafCommand)reported.Then(Answered(new Standing(true, 900, 1, 3)))!)
            .Then()
            .ThenAnsweredLate(command, a => Assert.Equal(Codes.RateLimited, a.Rejection!.Code));
        session.After(TimeSpan.FromMinutes(1)).When(Read()).ThenRefused(Codes.SessionSuspended);
    }

    [Fact]
    public void A_factor_of_0_notices_no_flood()
    {
        var session = Flooded(400);
        Assert.Empty(session.Last.Steps);
        Assert.Equal(Codes.RateLimited, session.Rejection().Code);
    }

    [Fact]
    public void A_malformed_request_counts_against_the_rate_and_is_audited_before_it_is_looked_at()
    {
        var session = Begun().When(Run(Request(malformed: Malformed), service: Echo with { Disabled = true }));
        Assert.Equal((Malformed, 400), (session.Rejection(), session.Audited().Status));
        Assert.Equal(1, session.State.Rate.Count);
    }

    [Fact]
    public void A_read_is_audited_within_a_second_and_does_not_wait_for_it()
    {
        var session = Begun().When(Read());
        Assert.Equal((200, "find_services", "GET /agent/services", "what was asked"), (session.Audited().Status, session.Audited().Operation, session.Audited().Endpoint, session.Audited().Summary));
        Assert.Equal(Riding.Soon, session.Last.Riding);
    }

    [Fact]
    public void A_refused_mutation_is_audited_before_its_answer()
    {
        var session = Begun().When(Run(found: false, named: "c9"));
        Assert.Equal((404, Riding.No), (session.Audited().Status, session.Last.Riding));
    }

    [Fact]
    public void What_the_edge_refused_is_audited_with_its_refusal()
    {
        var refused = new Rejection(Codes.NotFound, "No such route.");
        var session = Begun().When(new SessionCommand.Visit(Request(violations: [new("/x", "unknown", "Unknown member.")]), refused));
        Assert.Equal((refused, 404), (session.Rejection(), session.Audited().Status));
        session.When(new SessionCommand.Visit(Request(violations: [new("/x", "unknown", "Unknown member.")])));
        Assert.Equal((Codes.ValidationFailed, "/x"), (session.Rejection().Code, Assert.Single(session.Rejection().Details!).Path));
    }

    /// <summary>Null: it talks to nobody, so no scope is asked.</summary>
    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, "", Codes.ScopeViolation)]
    [InlineData("", "a2", Codes.ScopeViolation)]
    [InlineData("a2", "", null)]
    [InlineData("a2 a3", "a2", null)]
    [InlineData("a2", "a2 a3", Codes.ScopeViolation)]
    [InlineData("*", "a2 a3", null)]
    [InlineData("A2", "a2", Codes.ScopeViolation)]
    public void Whoever_may_not_talk_to_a_peer_is_refused_scope_violation_which_the_user_counts(string? allowed, string? asked, string? code)
    {
        var session = Begun(Everything with { Peers = allowed?.Split(' ', StringSplitOptions.RemoveEmptyEntries) })
            .When(new SessionCommand.Visit(Request(), Peers: asked?.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        if (code is null)
        {
            Assert.IsType<SessionView>(session.Last.Answer!.Reply);
        }
        else
        {
            session.ThenLater().ThenSteps(new UserCommand.ReportViolation("a1", "s1", 5, 5));
            Assert.Equal(403, session.Audited().Status);
        }
    }

    [Fact]
    public void A_look_at_its_own_inbox_without_the_scope_is_refused_and_counted_by_nobody()
    {
        var session = Begun().When(new SessionCommand.Visit(Request("read_inbox", "GET /agent/inbox"), Peers: [])).ThenSteps();
        Assert.Equal((AccessRejection.NoPeersToRead, 403), (session.Rejection(), session.Audited().Status));
    }

    /// <summary>Else an agent could ask about one peer after another and never be suspended.</summary>
    [Fact]
    public void A_look_at_what_a_peer_has_without_the_scope_for_it_is_counted_by_the_user()
    {
        var session = Begun(Everything with { Peers = ["a2"] }).When(new SessionCommand.Visit(Request("read_messages", "GET /conversations/c1/messages"), Peers: ["a3"]));
        session.ThenLater().ThenSteps(new UserCommand.ReportViolation("a1", "s1", 5, 5));
        Assert.Equal(403, session.Audited().Status);
    }

    [Fact]
    public void Whom_a_session_may_talk_to_is_told_before_what_is_wrong_with_the_content()
    {
        var visit = new SessionCommand.Visit(Request(violations: [new("/x", "unknown", "Unknown member.")]), Peers: ["a2"]);
        Begun().When(visit).ThenLater().ThenSteps(new UserCommand.ReportViolation("a1", "s1", 5, 5));
        Assert.Equal(Codes.ValidationFailed, Begun(Everything with { Peers = ["a2"] }).When(visit).Rejection().Code);
    }

    /// <summary>A release that does not know peers would let every request pass.</summary>
    [Fact]
    public void A_visit_that_asks_for_peers_has_a_version_of_its_own() =>
        Assert.Equal((1, 2), (SessionCodec.Commands.Encode(new SessionCommand.Visit(Request())).Version, SessionCodec.Commands.Encode(new SessionCommand.Visit(Request(), Peers: [])).Version));

    [Fact]
    public void Operators_look_without_being_counted() => Begun().When(new SessionCommand.Peek()).Then().ThenState(s => Assert.Equal(0, s.Rate.Count));

    [Fact]
    public void The_end_is_reported_to_the_user_until_it_is_heard()
    {
        var session = Begun().When(new SessionCommand.Revoke(Request("end_session"))).ThenSteps(new UserCommand.CloseSession("s1", SessionTest.Start));
        Assert.Null(session.Last.Steps[0].Then(Lost));
        Assert.True(SessionDecider.IsUnfinished(session.State));
        session.WhenStep(0, Answered(new SessionClosed("s1"))).ThenEvents(typeof(SessionEvent.CloseCounted));
        Assert.False(SessionDecider.IsUnfinished(session.State));
    }

    private static IEnumerable<LeafCommand> Requests(RequestInfo request) =>
    [
        new SessionCommand.Visit(request), Run(request), Complete(request), new SessionCommand.GetRun(request, Guid.Empty),
        new SessionCommand.GetRuns(request), new SessionCommand.WithdrawConsent(request, "k1"),
    ];

    /// <summary>Every command carries the settings, and every row its command.</summary>
    [Fact]
    public void Of_the_settings_that_a_request_carries_nothing_is_stored_twice() =>
        Assert.DoesNotContain("\"rate\":", System.Text.Encoding.UTF8.GetString(SessionCodec.Commands.Encode(new SessionCommand.Revoke(Request())).Payload), StringComparison.Ordinal);

    private static SessionTest Flooded(int requests)
    {
        var session = Begun();
        Flood(session, requests);
        return session;
    }

    private static void Flood(SessionTest session, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            session.When(Read());
        }
    }
}
