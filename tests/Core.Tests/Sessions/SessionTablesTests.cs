using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

/// <summary>What lists and history show of a session: one row a run, which is its payment and its audit entry too.</summary>
public sealed class SessionTablesTests
{
    [Fact]
    public void A_run_is_one_row_when_it_is_decided_and_none_before()
    {
        var session = Begun().Called(out var run);
        Assert.Empty(Rows(session));
        session.WhenStep(0, new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1));
        var row = Named(Assert.Single(Rows(session)));
        Assert.Equal(
            (run.ToString("D"), "succeeded", Price, "Acme", "c1", "provider-1", 200L, "run_service", null),
            (row["run_id"], row["state"], row["amount_micros"], row["payer"], row["campaign_id"], row["provider"], row["response_status"], row["operation"], row["failure_code"]));
        Assert.DoesNotContain(row.Values, v => v is string text && text.Contains("HELLO", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_that_failed_or_was_refused_says_why_and_costs_nothing()
    {
        var failed = Named(Assert.Single(Rows(Begun().Called(out _).WhenStep(0, new ServiceOutcome.CallFailed(Codes.UpstreamTimeout, "No.", 3)))));
        Assert.Equal(("failed", 0L, Codes.UpstreamTimeout, 504L, null), (failed["state"], failed["amount_micros"], failed["failure_code"], failed["response_status"], failed["payment_id"]));
        var refused = Named(Rows(Begun().Requested(out _).WhenStep(0, Refused(UserRejection.NoSponsor)))[0]);
        Assert.Equal(("failed", 0L, Codes.PaymentRequired, 402L), (refused["state"], refused["amount_micros"], refused["failure_code"], refused["response_status"]));
    }

    [Fact]
    public void A_refused_run_says_by_which_limit_whose_it_is_what_was_asked_and_what_was_left()
    {
        var session = Begun();
        var own = Refusal(session.When(Run(service: Echo with { PriceMicros = 2_000_000 })));
        Assert.Equal((Codes.BudgetExceeded, "session", "session", "s1"), (own["code"], own["limit_name"], own["node_kind"], own["node_id"]));
        Assert.Equal((2_000_000L, session.State.Budget.Remaining, null, Echo.ServiceId, Echo.Provider), (own["asked_micros"], own["free_micros"], own["run_id"], own["service_id"], own["provider"]));

        var user = Refusal(Begun().Requested(out var run).WhenStep(0, Refused(UserRejection.OverLimit("daily_cap", 7, "u1", Price))));
        Assert.Equal((Codes.BudgetExceeded, "daily_cap", "user", "u1", null), (user["code"], user["limit_name"], user["node_kind"], user["node_id"], user["campaign_id"]));
        Assert.Equal((Price, 7L, run.ToString("D")), (user["asked_micros"], user["free_micros"], user["run_id"]));

        var campaign = Refusal(Begun().Requested(out _).WhenStep(0, Refused(UserRejection.SponsorsRefused("c1", "c1: no.", "escrow"))));
        Assert.Equal((Codes.PaymentRequired, "escrow", "campaign", "c1", Price, null), (campaign["code"], campaign["limit_name"], campaign["node_kind"], campaign["campaign_id"], campaign["asked_micros"], campaign["free_micros"]));

        var unknown = Refusal(Begun().When(Run(named: "c9", found: false)));
        Assert.Equal((Codes.NotFound, null, null), (unknown["code"], unknown["limit_name"], unknown["node_kind"]));
    }

    [Fact]
    public void A_free_run_has_a_receipt_and_no_campaign()
    {
        var session = Begun().Requested(out var run, service: Echo with { PriceMicros = 0 });
        session.WhenStep(0, Reserved(session, run, free: true)).WhenStep(0, new ServiceOutcome.Output("1"u8.ToArray(), 1));
        var row = Named(Assert.Single(Rows(session)));
        Assert.Equal(("free", null, 0L), (row["source"], row["campaign_id"], row["amount_micros"]));
    }

    [Fact]
    public void Reads_refusals_and_tasks_are_audit_rows_of_the_session()
    {
        Assert.Equal(("s1", "find_services", 200L), Audit(Begun().When(Read())));
        Assert.Equal(("s1", "run_service", 404L), Audit(Begun().When(Run(named: "c9", found: false))));
        Assert.Equal(("s1", "do_task", 403L), Audit(Begun().Submitted(out _).WhenStep(0, Refused(UserRejection.NotTargeted))));
        var read = Named(Assert.Single(Rows(Begun().When(Read()))));
        Assert.Equal(("a1", "u1"), (read["agent_id"], read["user_id"]));
        Assert.Equal(("s1", "end_session", 200L), Audit(Begun().When(new SessionCommand.Revoke(Request("end_session")))));
    }

    [Fact]
    public void What_only_moves_a_run_or_a_hold_on_leaves_no_row()
    {
        Assert.Empty(Rows(Begun()));
        Assert.Empty(Rows(Begun().Limited(out _)));
        Assert.Empty(Rows(Begun().When(new NodeCommand.Inquire(Guid.Empty, Guid.Empty))));
    }

    private static List<Row> Rows(SessionTest session) => [.. session.Last.Events.SelectMany(e => SessionTables.Rows(session.State, e, session.Now))];

    private static Dictionary<string, object?> Named(Row row) => row.Table.Columns.Zip(row.Values).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal);

    private static Dictionary<string, object?> Refusal(SessionTest session) => Named(Assert.Single(Rows(session), row => row.Table == RefusalRows.Refusals));

    private static (object?, object?, object?) Audit(SessionTest session)
    {
        var row = Named(Assert.Single(Rows(session), row => row.Table == SessionTables.Audit));
        return (row["session_id"], row["operation"], row["response_status"]);
    }
}
