using Agora.Core.Runs;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Runs;

/// <summary>What runs and their payments are narrowed by alike: both are rows of one table, by the time at which they ended.</summary>
internal static class RunFilters
{
    /// <summary>What did not succeed is found by its code, which all else has not.</summary>
    public static readonly ListTable Rows = new(
        RunTables.Runs, "settled_at", "session_id", "user_id", "agent_id", "campaign_id", "service_id", "provider", "amount_micros", "payer", "source", "failure_code");

    private static readonly string[] Sources = ["sponsor", "wallet", "x402", "operator", "free"];

    public static Filters Read(Filters filters) => filters
        .Id("user_id", "Only of this user.").Id("agent_id", "Only of this agent.").Id("session_id", "Only of this session.")
        .Id("campaign_id", "Only what this campaign paid.").Id("service_id", "Only of this service.").WalletId("provider", "Only what was paid to this wallet.")
        .OneOf("source", "Only what was paid in this way.", Sources).Text("payer", "Only what this payer paid, by the name that payments show.")
        .Times("settled_at").Amounts("amount_micros");
}
