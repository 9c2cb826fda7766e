using Agora.Application.Language;
using Agora.Application.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>Some operations that belong together, and their handlers.</summary>
internal interface IFeature
{
    void Map(Routes routes);
}

/// <summary>What serves each operation: its gate and its handler.</summary>
internal sealed class Handlers
{
    private readonly Dictionary<string, Func<Request, Task<Reply>>> _all = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _headers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of all headers that answers of operations and doors can have, sorted.</summary>
    public IReadOnlyCollection<string> Headers => _headers;

    public void Add(Operation operation, Func<Request, Task<Reply>> serve)
    {
        _all.Add(operation.Name, serve);
        Says([.. AnswerHeaders.All.Concat(operation.AnswerHeaders).Select(static header => header.Name), HeaderNames.Allow]);
    }

    /// <summary>Adds headers that answers of a door can have.</summary>
    public void Says(IEnumerable<string> headers) => _headers.UnionWith(headers);

    /// <summary>Answers a request for an operation, whichever door it came by.</summary>
    public Task<Reply> Serve(Operation operation, Request request) => _all[operation.Name](request);
}

/// <summary>Where features put their operations: each behind the gate of its audience.</summary>
internal sealed class Routes(IEndpointRouteBuilder routes, OperationTable table, Handlers handlers, KeyGate keys, AgentGate agents, PeerGate peers, OperatorGate operators, LinkGate links, GptGate gpts, ReplyWriter replies)
{
    /// <summary>What a GET answers, HEAD answers without the body (RFC 9110 §9.3.2): the web server leaves it out.</summary>
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public Routes Map<T>(Operation<T> operation, Func<KeyCall, T, Task<Reply>> handler) =>
        operation.Audience.IsPlain ? Add(operation, Audience.Gpt, gpts.Guard(operation, handler)) : Add(operation, Audience.Anyone, keys.Guard(operation, handler));

    public Routes Map<T>(Operation<T> operation, Func<AgentCall, T, Task<Reply>> handler) =>
        operation.Audience.IsPlain ? Add(operation, Audience.Gpt, gpts.Guard(operation, handler)) : Add(operation, Audience.Agents, agents.Guard(operation, handler));

    public Routes Map<T>(Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler) => Add(operation, Audience.Peers, peers.Guard(operation, handler));

    public Routes Map<T>(Operation<T> operation, Func<OperatorCall, T, Task<Reply>> handler) => Add(operation, Audience.Operators, operators.Guard(operation, handler));

    public Routes Map<T>(Operation<T> operation, Func<LinkCall, T, Task<Reply>> handler) => Add(operation, Audience.People, links.Guard(operation, handler));

    /// <summary>Something about this process, for anyone to read: no operation.</summary>
    public Routes Document(string route, Func<CancellationToken, Task<Reply>> read)
    {
        routes.MapMethods(route, Reading, async http => await replies.Write(http, await read(http.RequestAborted)));
        return this;
    }

    /// <summary>Maps a document that does not change while the process runs.</summary>
    public Routes Document(string route, KeptDocument document)
    {
        routes.MapMethods(route, Reading, http => replies.Write(http, document.Read(http.Request)));
        return this;
    }

    /// <summary>The same in the language that is wanted; null: English.</summary>
    /// <param name="page">Where a browser sees it; null: nowhere.</param>
    public Routes Document(string route, Func<Words?, Reply> read, string? page = null)
    {
        routes.MapMethods(route, Reading, http => replies.Write(http, page is not null && IsBrowser(http.Request) ? Reply.SeenAt(page) : read(Languages.Of(http.Request))));
        return this;
    }

    /// <summary>The same with a name in its path, the last segment of <paramref name="route"/>.</summary>
    public Routes Document(string route, string name, Func<string, Reply> read)
    {
        routes.MapMethods($"{route}/{{{name}}}", Reading, http => replies.Write(http, read((string)http.GetRouteValue(name)!)));
        return this;
    }

    /// <summary>A door of another protocol, which leads to operations: none itself.</summary>
    public Routes Door(string route, RequestDelegate handler) => Door(HttpMethods.Post, route, handler);

    /// <summary>Declares headers of a door's protocol in its answers, so that scripts of other origins may read them.</summary>
    public Routes Says(params IEnumerable<string> headers)
    {
        handlers.Says(headers);
        return this;
    }

    public Routes Door(string method, string route, RequestDelegate handler)
    {
        routes.MapMethods(route, [method], handler);
        return this;
    }

    internal static bool IsBrowser(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private Routes Add(Operation operation, Audience audience, Func<Request, Task<Reply>> serve)
    {
        Core.Kernel.Invariant.Check(operation.Audience == audience, "operation_is_for_its_gate");
        table.Add(operation);
        handlers.Add(operation, serve);
        routes.MapMethods(operation.Route, operation.IsRead ? Reading : [operation.Method], async http => await replies.Write(http, await serve(new ReceivedRequest(http)))).WithMetadata(operation).WithDisplayName(operation.Endpoint);
        return this;
    }
}
