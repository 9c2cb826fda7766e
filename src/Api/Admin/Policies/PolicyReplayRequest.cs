using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Replay;

namespace Agora.Api.Admin.Policies;

/// <summary>What is decided anew, and under which changes.</summary>
internal static class PolicyReplayRequest
{
    private const string OfNoAgent = "A user's caps hold for all of its agents; a change of them names none.";
    private static readonly string[] Limited = ["daily_cap_cents", "monthly_cap_cents", "total_limit_cents", "budget_limit_cents", "allowed_categories"];

    public static ReplayRequest Read(Call call)
    {
        var body = call.Body;
        var from = body.Time("from", "What was decided from this time on is decided anew.", required: true);
        var to = body.Time("to", "Before this time.", required: true);
        var changes = body.Objects(
            "changes", "A change never widens: the smaller of the recorded and the changed limit applies, and of scopes what both allow.", Limits.PolicyChanges, minItems: 1);
        if (body.IsPresent("changes") && changes.Count == 0)
        {
            body.Violate("changes", "minItems", $"From 1 to {Limits.PolicyChanges} changes are wanted here; here are 0.");
        }

        if (from >= to)
        {
            body.Violate("to", "minimum", "to is not after from.");
        }

        return new(
            from ?? default,
            to ?? default,
            [.. changes.Select(Change)],
            body.Id("first_user_id", "Goes on where a truncated replay stopped: its next_user_id.", required: false),
            body.Integer("offset", "So many refused runs are left out before the first.", 0, Limits.ReplayOffsetMax, absent: 0) ?? 0,
            body.Integer("limit", "At most so many refused runs.", 1, Limits.PageMax, absent: Limits.PageDefault) ?? Limits.PageDefault);
    }

    private static PolicyChange Change(Fields change)
    {
        var read = new PolicyChange(
            change.Id("user_id", "Whom it concerns; absent: every user.", required: false),
            change.Id("agent_id", "Whom it concerns; absent: every agent.", required: false),
            change.Cents("daily_cap_cents", "Of the user.", required: false),
            change.Cents("monthly_cap_cents", "Of the user.", required: false),
            change.Cents("total_limit_cents", "Of the grant.", required: false),
            change.Cents("budget_limit_cents", "Of each session.", required: false),
            change.Words("allowed_categories", "Of services; empty: none; [\"*\"]: all that were allowed."));
        change.Rule(Something);
        if (!Limited.Any(change.IsPresent))
        {
            change.Violate(Limited[0], "anyOf", $"A change has at least one of {string.Join(", ", Limited)}.");
        }

        if (change.IsPresent("agent_id") && Limited[..2].FirstOrDefault(change.IsPresent) is { } cap)
        {
            change.Violate(cap, "dependentSchemas", OfNoAgent);
        }

        change.Finish();
        return read;
    }

    private static void Something(JsonObject change)
    {
        change["anyOf"] = new JsonArray([.. Limited.Select(name => (JsonNode)new JsonObject { ["required"] = new JsonArray(name) })]);
        change["dependentSchemas"] = new JsonObject
        {
            ["agent_id"] = new JsonObject { ["properties"] = new JsonObject { ["daily_cap_cents"] = false, ["monthly_cap_cents"] = false }, ["description"] = OfNoAgent },
        };
    }
}
