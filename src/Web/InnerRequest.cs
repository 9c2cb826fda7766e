using System.Net;
using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.Extensions.Primitives;

namespace Agora.Web;

/// <summary>
/// What an inner request takes from the request that it is made for. The values are copied once: the web server builds the parts of a request while they are read, so many inner requests may not read it at the same time.
/// </summary>
internal sealed record ParentRequest(string Id, string Origin, string Bearer, IPAddress? From, Words? Words, Signer? Signer, ConnectionKey? Connection, CancellationToken Ended)
{
    public static ParentRequest Of(Request request) => new(request.Id, request.Origin, request.Bearer.ToString(), request.From, request.Words, request.Signer, request.Connection, request.Ended);
}

/// <summary>A request that this process makes to answer another request. It has the id, the language and the address of its parent. Dispose it when its reply has been read.</summary>
/// <param name="credential">A token or a key. Null if the parent is signed, or an operator has signed in.</param>
/// <param name="ids">The values of the path's placeholders.</param>
internal sealed class InnerRequest(ParentRequest parent, Operation operation, string? credential, IReadOnlyList<(string Name, string Value)> ids, ReadOnlyMemory<byte> body = default) : Request, IDisposable
{
    private readonly Stack<IDisposable> _ends = [];
    private PlaceOwner? _owner;
    private IReadOnlyDictionary<string, StringValues>? _query;

    public Operation Operation => operation;

    /// <summary>The Idempotency-Key. Null if there is none.</summary>
    public string? Key { get; init; }

    /// <summary>How long to wait for the outcome (RFC 7240). Null if the operation decides.</summary>
    public string? Prefer { get; init; }

    /// <summary>The media type of the reply. Null if it is JSON.</summary>
    public string? Accept { get; init; }

    /// <summary>The operator's reason. Null if there is none.</summary>
    public string? Reason { get; init; }

    /// <summary>The place of the body. Null if the body is short.</summary>
    public HeldBody? Held { get; init; }

    public CancellationToken Cancel { get; init; }

    public IReadOnlyDictionary<string, StringValues> Parameters { get; init; } = QueryFields.None;

    public override string Id => parent.Id;

    public override string Route => operation.Endpoint;

    public override string Method => operation.Method;

    public override string Path => ids.Aggregate(operation.Route, static (path, id) => path.Replace($"{{{id.Name}}}", id.Value, StringComparison.Ordinal));

    public override string Address => $"{parent.Origin}{Path}";

    public override string Origin => parent.Origin;

    public override IPAddress? From => parent.From;

    public override CancellationToken Ended => Cancel;

    public override Words? Words => parent.Words;

    public override IReadOnlyDictionary<string, StringValues> Query => _query ?? Parameters;

    public override Signer? Signer { get => field ?? (credential is null ? parent.Signer : null); set; }

    public override ConnectionKey? Connection { get => field ?? parent.Connection; set; }

    public override PlaceOwner Owner { get => _owner ?? RequestOwners.Of(From); set => _owner = value; }

    public override StringValues Header(string name) => name switch
    {
        "Authorization" => credential is null ? default : new($"Bearer {credential}"),
        IdempotencyKeys.Header => Key,
        "Prefer" => Prefer,
        "Accept" => Accept,
        Reasons.Header => Reason,
        _ => default,
    };

    public override string PathValue(string name) => ids.FirstOrDefault(id => id.Name == name).Value ?? "";

    public override void SetParameter(string name, string value) => _query = new Dictionary<string, StringValues>(Query, StringComparer.OrdinalIgnoreCase) { [name] = value };

    public override ValueTask<Body> Read(Operation operation, Findings findings) => ValueTask.FromResult(Body.Of(body, operation, findings, Held));

    public override bool HasRoomToParse(ReadOnlySpan<byte> json) => Held?.HasRoomToParse(json) ?? true;

    public override void GiveBack() => Held?.Dispose();

    public override void HoldUntil(Task over) => Held?.HoldUntil(over);

    public override void EndWith(IDisposable something) => _ends.Push(something);

    /// <summary>Whose reply it is. Null if no gate has let the request in.</summary>
    public Tenant? Tenant { get; private set; }

    public override void Mark(Tenant tenant) => Tenant = tenant;

    public override void CloseConnection()
    {
        // The parent's connection stays open.
    }

    public void Dispose()
    {
        while (_ends.TryPop(out var one)) one.Dispose();
    }
}
