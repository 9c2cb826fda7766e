using System.Globalization;

namespace Agora.Web.Lists;

/// <summary>Why an operators' list is empty, or has no totals, and what would change it. Each of these has its translations.</summary>
internal static class ListReasons
{
    public const string NoApprovals = "No run waits: one does that costs more than its grant's require_approval_above_cents.";
    public const string NoActs = "No operator has changed anything since acts are kept: PUT /admin/agents/{agent_id} is one.";
    public const string NoDeliveries = "The webhook was told nothing yet: POST /admin/webhooks/{webhook_id}/test sends it a test.";
    public const string NoCompletions = "No task was done yet: POST /agent/tasks/{campaign_id}/complete does one.";
    public const string NoFeedback = "Nobody has said anything of a reply yet: POST /api/v2/chat/{chat_id}/turns/{turn}/feedback does.";
    public const string NoRuns = "No run has ended yet: POST /agent/services/{service_id}/run begins one.";
    public const string NoRefusals = "No run was refused yet.";
    public const string NoSessions = "No session was opened yet: POST /agent/auth opens one.";
    public const string NoCalls = "No agent has done anything yet: POST /agent/auth opens a session.";
    public const string NoSettlements = "No payment by x402 was to be settled yet: a run with pay_with x402 brings one.";
    public const string NoPayments = "Nothing was paid yet: a payment stands here when a run has succeeded.";
    public const string ListEnds = "The list ends before this: begin anew without cursor and offset.";
    public const string NotFound = "Nothing has this id, key, amount or name. Users have no names here; a run that is under way is found by its key or its session; keys are kept for a day after they were last of use.";
    public const string WholeDays = "Sums are kept by the UTC day: let from and to be midnight UTC, such as 2030-01-31T00:00:00Z.";

    public static string NoUser(string id) => $"There is no user {id}; GET /admin/users lists those that there are.";

    public static string NoSession(string id) => $"There is no session {id}; GET /admin/sessions lists those that there are.";

    public static string NoAgent(string id) => $"No agent {id} was ever put, and none has had a session; GET /admin/agents lists agents.";

    public static string NoCampaign(string id) => $"There is no campaign {id}; GET /admin/campaigns lists those that there are.";

    public static string NoService(string id) => $"There is no service {id}; GET /admin/services lists those that there are.";

    public static string NothingOf(string filter) => $"Nothing matches {filter}; leave it out, or widen it.";

    public static string NothingOfAll(string filters) => $"Nothing matches {filters} together; leave one out, or widen it.";

    public static string TotalsOf(string state) => $"Totals are of payments: add state={state}, or ask GET /admin/payments.";

    public static string NoSumsBy(string filter) => $"No sums are kept by {filter}: leave it out.";

    public static string OneSumOf(string filters, string besides) => $"Sums are kept by one of {filters} at a time: leave out {besides}.";

    public static string TooManyRuns(long most) => string.Create(CultureInfo.InvariantCulture, $"There are more than {most} runs to add up: ask for fewer days.");
}
