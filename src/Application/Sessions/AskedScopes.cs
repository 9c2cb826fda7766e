using Agora.Application.Operations;
using Agora.Core.Access;

namespace Agora.Application.Sessions;

/// <summary>What a session is asked to be allowed: lists that are absent are told apart from empty ones.</summary>
/// <param name="TaskTypes">What an absent list means; so for all of them.</param>
internal sealed record AskedScopes(string TaskTypes, string DataTypes, string Categories, string Consents, string Payees, string Peers)
{
    public static readonly AskedScopes OfGrant = new(
        "Task types; absent: all of the grant.",
        "Data types; absent: all of the grant.",
        "Categories of services; absent: all of the grant.",
        "Consents that may be given; absent: all of the grant, and without one data_sharing for the allowed data types.",
        "Wallets that may be paid; absent: all of the grant.",
        "Agents that may be talked to; absent: all of the grant.");

    public static readonly AskedScopes OfSession = new(
        "Task types; absent: this session's.",
        "Data types; absent: this session's.",
        "Categories of services; absent: this session's.",
        "Consents that may be given; absent: this session's.",
        "Wallets that may be paid; absent: this session's.",
        "Agents that may be talked to; absent: this session's.");

    public RequestedScopes Read(Fields? scopes) => new(
        scopes?.Words("allowed_task_types", TaskTypes),
        scopes?.Words("allowed_data_types", DataTypes),
        scopes?.Words("allowed_categories", Categories),
        scopes?.Words("allowed_consents", Consents),
        scopes?.Words("allowed_payees", Payees),
        scopes?.Words("allowed_peers", Peers),
        Limits(scopes),
        scopes?.Flag("ask_when_spent", "Whether the user is asked to raise the budget where it has no room for a run; absent: as whoever gives it.", absent: null));

    /// <summary>Null: none is named.</summary>
    public static ModelAllowance? Limits(Fields? scopes)
    {
        var limits = scopes?.Object("model_limits", "What may be had of models besides money, by the session and all below it. Absent, or of what is absent: as much as whoever gives it may have.", required: false);
        if (limits is null) return null;

        var read = new ModelAllowance(
            limits.Integer("tokens", "Read and written, as long as the session lives.", 0, int.MaxValue, absent: null),
            limits.Integer("calls", "Made, as long as the session lives.", 0, int.MaxValue, absent: null),
            limits.Integer("tokens_per_minute", "Read and written in a minute, what is under way included.", 0, int.MaxValue, absent: null),
            limits.Integer("calls_per_minute", "Begun in a minute.", 0, int.MaxValue, absent: null));
        limits.Finish();
        return read;
    }
}
