using System.Collections.Frozen;
using Agora.Application.Operations;
using ModelContextProtocol.Protocol;

namespace Agora.Api.Mcp;

/// <summary>The tools that there are: those operations of agents that say so, in the order of the document.</summary>
internal sealed class ToolTable(OperationTable operations)
{
    private readonly Lazy<(FrozenDictionary<string, AgentTool> ByName, FrozenDictionary<string, AgentTool> ByOperation, IReadOnlyList<Tool> Listed)> _tools = new(() =>
    {
        var all = operations.All.Where(operation => operation.Tool is not null).Select(operation => new AgentTool(operation)).ToList();
        return (all.ToFrozenDictionary(tool => tool.Name, StringComparer.Ordinal), all.ToFrozenDictionary(tool => tool.Operation.Name, StringComparer.Ordinal), [.. all.Select(tool => tool.Described())]);
    });

    public IReadOnlyList<Tool> Listed => _tools.Value.Listed;

    public AgentTool? Named(string name) => _tools.Value.ByName.GetValueOrDefault(name);

    /// <summary>Null: models are not offered it.</summary>
    public AgentTool? Of(string operation) => _tools.Value.ByOperation.GetValueOrDefault(operation);
}
