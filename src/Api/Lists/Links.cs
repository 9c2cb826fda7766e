using Agora.Api.Http;
using Agora.Core.Agents;

namespace Agora.Api.Lists;

/// <summary>Where what belongs to a thing stands: paths of this API by what they lead to, in order. What there is none of has no link.</summary>
internal static class Links
{
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

    /// <summary>The lists of what hangs on a thing.</summary>
    public static IEnumerable<(string Name, string? Path)> Lists(string filter, string id, params IEnumerable<string> lists) => lists.Select(list => (list, (string?)$"/admin/{list}?{filter}={id}"));
}
