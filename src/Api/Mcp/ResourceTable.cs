using Agora.Application.Operations;
using ModelContextProtocol.Protocol;

namespace Agora.Api.Mcp;

/// <summary>What models read by an address: replies of those operations that say by which. One without ids is listed; of the others there are templates.</summary>
internal sealed class ResourceTable(OperationTable operations)
{
    private readonly Lazy<IReadOnlyList<Operation>> _all = new(() => [.. operations.All.Where(operation => operation.Resource is not null)]);

    public IEnumerable<Resource> Listed => _all.Value.Where(one => one.Sheet.Ids.Count == 0).Select(one => new Resource { Uri = one.Resource!, Name = one.Name, Description = $"{one.Summary}.", MimeType = MediaTypes.Json });

    public IEnumerable<ResourceTemplate> Templates => _all.Value.Where(one => one.Sheet.Ids.Count > 0)
        .Select(one => new ResourceTemplate { UriTemplate = one.Resource!, Name = one.Name, Description = $"{one.Summary}.", MimeType = MediaTypes.Json });

    /// <returns>Null: nothing is read by that address.</returns>
    public (Operation Operation, IReadOnlyList<(string Name, string Value)> Ids)? Of(string uri)
    {
        foreach (var operation in _all.Value)
        {
            if (Ids(operation.Resource!.Split('/'), uri.Split('/')) is { } ids) return (operation, ids);
        }

        return null;
    }

    private static List<(string Name, string Value)>? Ids(string[] template, string[] uri)
    {
        if (template.Length != uri.Length) return null;

        var ids = new List<(string, string)>();
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] is ['{', .. var name, '}'])
            {
                ids.Add((name, Uri.UnescapeDataString(uri[i])));
            }
            else if (template[i] != uri[i])
            {
                return null;
            }
        }

        return ids;
    }
}
