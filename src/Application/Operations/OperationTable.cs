using System.Text.Json.Nodes;

namespace Agora.Application.Operations;

/// <summary>All operations that are served, in the order in which they are published.</summary>
internal sealed class OperationTable
{
    private readonly List<Operation> _all = [];
    private readonly Dictionary<string, Operation> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<(bool IsOperators, string Id), Operation> _lists = [];

    public IReadOnlyList<Operation> All => _all;

    /// <summary>Reads the operation's fields off its reader, so that an operation with a faulty declaration keeps the process from starting.</summary>
    public void Add(Operation operation)
    {
        _ = operation.Sheet;
        _all.Add(operation);
        _byName.Add(operation.Name, operation);
        foreach (var id in operation.ListsIds) _lists.Add((operation.Audience == Audience.Operators, id), operation);
    }

    /// <summary>Null if no operation has this name.</summary>
    public Operation? Named(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The operation that lists things with this id. Null if none does.</summary>
    /// <param name="isOperators">Among operators' operations, or all others.</param>
    public Operation? ListOf(bool isOperators, string id) => _lists.GetValueOrDefault((isOperators, id));

    /// <summary>A copy of the schema of an operation's body.</summary>
    /// <exception cref="InvalidOperationException">The operation has no body.</exception>
    public JsonObject BodyOf(string name) => _byName[name].BodySchema() ?? throw new InvalidOperationException($"{name} has no body.");

    /// <summary>The present name of an operation that is stored under another name.</summary>
    public string NameOf(string stored) => _all.Find(operation => operation.StoredName == stored)?.Name ?? stored;

    /// <summary>The name that an operation is stored under, whichever of its names is given.</summary>
    public string StoredNameOf(string given) => Named(given)?.StoredName ?? given;
}
