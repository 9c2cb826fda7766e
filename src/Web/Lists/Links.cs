using Agora.Application.Reading;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Funds;

namespace Agora.Web.Lists;

/// <summary>Where what belongs to a thing stands: paths of this API by what they lead to, in order. What there is none of has no link.</summary>
internal static class Links
{
    private static readonly string[] Deed = ["sessions", "runs", "payments", "completions", "approvals", "refusals", "audit"];

    public static IReadOnlyDictionary<string, string> Of(params IEnumerable<(string Name, string? Path)> links)
    {
        var all = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, path) in links)
        {
            if (path is not null)
            {
                all.Add(name, path);
            }
        }

        return all;
    }

    /// <summary>Null for no id.</summary>
    public static string? To(string list, string? id) => id is null ? null : $"/admin/{list}/{id}";

    /// <summary>Null where nobody put the agent: one that was delegated to is whatever name was given.</summary>
    public static async Task<string?> ToAgent(TenantTables tables, string agentId, CancellationToken cancel) =>
        await tables.One(AgentTables.Agents, cancel, TableReader.Is("agent_id", agentId)) is null ? null : To("agents", agentId);

    /// <summary>Of what agents did for a user, by an agent or both: each is a list.</summary>
    public static IEnumerable<(string Name, string? Path)> Deeds(string filter) =>
        Deed.Select(list => (list, (string?)$"/admin/{list}?{filter}"));

    public static (string Name, string? Path) Acts(string targetId) => ("acts", $"/admin/acts?target_id={targetId}");

    /// <summary>Null where nothing has happened to it: it is not there.</summary>
    public static async Task<string?> ToWallet(TenantTables tables, string walletId, CancellationToken cancel) =>
        await tables.One(FundTables.Funds, cancel, TableReader.Is("kind", Kinds.Wallet), TableReader.Is("fund_id", walletId)) is null ? null : To("wallets", walletId);

    /// <summary>The lists of what hangs on a thing.</summary>
    public static IEnumerable<(string Name, string? Path)> Lists(string filter, string id, params IEnumerable<string> lists) => lists.Select(list => (list, (string?)$"/admin/{list}?{filter}={id}"));
}
