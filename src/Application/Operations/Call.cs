using System.Text.RegularExpressions;

namespace Agora.Application.Operations;

/// <summary>What a reader reads of one request: ids of the path, the query, the members of the body; and where it says what is wrong.</summary>
internal abstract class Call
{
    public abstract Findings Findings { get; }

    public abstract Fields Body { get; }

    public abstract QueryFields Query { get; }

    /// <summary>An id from the path. Where it has not the form of one the request is malformed, and what is returned names nothing.</summary>
    public abstract string Id(string name);

    /// <summary>Why a service's endpoint would never be called. Null if it may be called, or if that is not known here.</summary>
    public virtual string? EndpointRefusal(string endpoint) => null;

    /// <summary>Why a command would never be run for a tenant's upstream. Null if it may be run, or if that is not known here.</summary>
    public virtual string? CommandRefusal(string command) => null;
}

/// <summary>A call without a request: what a reader asks for is noted. It answers as if nothing had been sent.</summary>
internal sealed partial class Sheet : Call
{
    private readonly List<string> _ids = [];

    /// <summary>What stands in the path.</summary>
    public IReadOnlyList<string> Ids => _ids;

    public Members Members { get; } = new();

    public Members Parameters { get; } = new();

    public override Findings Findings { get; } = new();

    public override Fields Body => new(Members);

    public override QueryFields Query => new(Parameters);

    public override string Id(string name)
    {
        _ids.Add(name);
        return "";
    }

    /// <exception cref="InvalidOperationException">The operation does not read the ids that its route names, or reads what it is never sent: a read has no body, and no other operation has parameters.</exception>
    public static Sheet Of(Operation operation)
    {
        var sheet = new Sheet();
        operation.Ask(sheet);
        var named = Placeholder().Matches(operation.Route).Select(static match => match.Groups[1].Value);
        return named.SequenceEqual(sheet._ids) && (operation.IsRead ? sheet.Members : sheet.Parameters).All.Count == 0
            ? sheet
            : throw new InvalidOperationException($"{operation.Name} does not read what {operation.Endpoint} is sent.");
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
