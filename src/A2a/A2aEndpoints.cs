using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Agora.A2a;

/// <summary>
/// Registered agents as agents of the A2A protocol 1.0 (a2a-protocol.org), in its bindings JSON-RPC and HTTP+JSON. Who calls, and whom it may talk to, the gate of peers decides, as on each of their routes; this is no other way
/// to an entity than those routes are. A method is an operation of its own in the audit, and no part of our document: the protocol has its own.
/// </summary>
internal sealed class A2aEndpoints(PeerGate gate, Tasks tasks, Catalogues catalogues, ReplyWriter replies, Failures failures, ApiOptions options) : IFeature
{
    private const string Root = "/a2a/{agent_id}";
    private const string OneTask = $"{Root}/tasks/{{task_id}}";
    private const string Pushes = $"{OneTask}/pushNotificationConfigs";

    private static readonly (string, string)[] InPath = [("id", "task_id")];

    private static readonly Method<SendAsked> Send = Talk("a2a_send_message", "message:send");
    private static readonly Method<SendAsked> Stream = Talk("a2a_send_streaming_message", "message:stream");
    private static readonly Method<TaskAsked> Get = OfTask("a2a_get_task", $"GET {OneTask}", TaskAsked.One);
    private static readonly Method<TaskAsked> List = OfTask("a2a_list_tasks", $"GET {Root}/tasks", TaskAsked.All);
    private static readonly Method<TaskAsked> Cancel = OfTask("a2a_cancel_task", $"POST {OneTask}:cancel", TaskAsked.One);
    private static readonly Method<TaskAsked> Subscribe = OfTask("a2a_subscribe_to_task", $"POST {OneTask}:subscribe", TaskAsked.One);
    private static readonly Method<string> Extended = Plain("a2a_get_extended_agent_card", $"GET {Root}/extendedAgentCard");
    private static readonly Method<string> Card = Plain("a2a_get_agent_card", $"GET {Root}/.well-known/agent-card.json");
    private static readonly Method<string> Push = Plain("a2a_push_notification_config", $"POST {Pushes}");

    /// <summary>A request of JSON-RPC for no method that there is, or none at all.</summary>
    private static readonly Method<string> None = Plain("a2a_request", $"POST {Root}");

    private Dictionary<string, Func<HttpContext, Binding, Task<Reply>>> Methods => field ??= new(StringComparer.Ordinal)
    {
        ["SendMessage"] = (http, binding) => Ask(http, Send.Rpc, binding, tasks.Send),
        ["SendStreamingMessage"] = (http, binding) => Ask(http, Stream.Rpc, binding, tasks.Stream),
        ["GetTask"] = (http, binding) => Ask(http, Get.Rpc, binding, tasks.Get),
        ["ListTasks"] = (http, binding) => Ask(http, List.Rpc, binding, tasks.List),
        ["CancelTask"] = (http, binding) => Ask(http, Cancel.Rpc, binding, tasks.Cancel),
        ["SubscribeToTask"] = (http, binding) => Ask(http, Subscribe.Rpc, binding, tasks.Subscribe),
        ["GetExtendedAgentCard"] = (http, binding) => Ask(http, Extended.Rpc, binding, (call, agent, _) => ShowCard(call, agent, isExtended: true)),
        ["CreateTaskPushNotificationConfig"] = NoPush,
        ["GetTaskPushNotificationConfig"] = NoPush,
        ["ListTaskPushNotificationConfigs"] = NoPush,
        ["DeleteTaskPushNotificationConfig"] = NoPush,
    };

    public void Map(Routes routes)
    {
        routes.Says(Sequence.Header).Door(Root, Handle);
        Rest("POST", $"{Root}/message:send", (http, binding) => Ask(http, Send.Rest, binding, tasks.Send));
        Rest("POST", $"{Root}/message:stream", (http, binding) => Ask(http, Stream.Rest, binding, tasks.Stream));
        Rest("GET", $"{Root}/tasks", (http, binding) => Ask(http, List.Rest, binding, tasks.List));
        Rest("GET", OneTask, (http, binding) => Ask(http, Get.Rest, binding, tasks.Get));
        Rest("POST", $"{OneTask}:cancel", (http, binding) => Ask(http, Cancel.Rest, binding, tasks.Cancel));

        // The specification has both: its text says POST, its protobuf schema GET.
        Rest("POST", $"{OneTask}:subscribe", (http, binding) => Ask(http, Subscribe.Rest, binding, tasks.Subscribe));
        Rest("GET", $"{OneTask}:subscribe", (http, binding) => Ask(http, Subscribe.Rest, binding, tasks.Subscribe));
        Rest("GET", $"{Root}/extendedAgentCard", (http, binding) => Ask(http, Extended.Rest, binding, (call, agent, _) => ShowCard(call, agent, isExtended: true)));
        foreach (var (method, route) in ((string, string)[])[("POST", Pushes), ("GET", Pushes), ("GET", $"{Pushes}/{{config_id}}"), ("DELETE", $"{Pushes}/{{config_id}}")]) Rest(method, route, NoPush);

        // Whoever looks for a card need not know which version will be spoken.
        Rest("GET", $"{Root}/.well-known/agent-card.json", (http, _) => gate.Ask(new ReceivedRequest(http), Card.Rest, (call, agent) => ShowCard(call, agent, isExtended: false)));

        void Rest(string method, string route, Func<HttpContext, Binding, Task<Reply>> ask) => routes.Door(method, route, http => Answer(http, Binding.Of(http.Request, null), ask));
    }

    private static Method<SendAsked> Talk(string name, string verb)
    {
        var rest = Foreign(name, $"POST {Root}/{verb}", static call => SendAsked.Read(Named(call), ((RequestCall)call).Root, call.Findings)) with { Peers = static asked => [asked.AgentId] };
        return new(rest, rest with { Endpoint = $"POST {Root}", Read = static call => SendAsked.Read(Named(call), Parameters((RequestCall)call), call.Findings) });
    }

    private static Method<TaskAsked> OfTask(string name, string endpoint, Func<string, Given, TaskAsked> read)
    {
        var rest = Foreign(name, endpoint, call => read(Named(call), Given.Of((RequestCall)call, InPath))) with { Peers = static asked => [asked.AgentId] };
        return new(rest, rest with { Endpoint = $"POST {Root}", Read = call => read(Named(call), Given.Of(Parameters((RequestCall)call), call.Findings)) });
    }

    private static Method<string> Plain(string name, string endpoint)
    {
        var rest = Foreign(name, endpoint, Named) with { Peers = static _ => null };
        return new(rest, rest with { Endpoint = $"POST {Root}" });
    }

    private static Operation<T> Foreign<T>(string name, string endpoint, Func<Call, T> read) => new(Audience.Peers, name, endpoint, "")
    {
        Read = read,
        IsForeign = true,
        Data = typeof(Result),
        DataExample = "",
        MediaTypes = [MediaTypes.Json, SendAsked.ContentType],
    };

    private static string Named(Call call) => call.Id("agent_id");

    private static JsonElement? Parameters(RequestCall call) => call.Root is { ValueKind: JsonValueKind.Object } request && request.TryGetProperty("params", out var given) ? given : null;

    private Task<Reply> NoPush(HttpContext http, Binding binding) => Ask(http, binding.RpcId is null ? Push.Rest : Push.Rpc, binding, static (_, _, _) => Task.FromResult(Refused(Fault.NoPush)));

    private Task<Reply> Ask<T>(HttpContext http, Operation<T> operation, Binding binding, Func<PeerCall, T, Binding, Task<Reply>> handler) =>
        gate.Ask(new ReceivedRequest(http), operation, (call, asked) => binding.IsSpoken ? handler(call, asked, binding) : Task.FromResult(Refused(Fault.WrongVersion)));

    private Task<Reply> ShowCard(PeerCall call, string agentId, bool isExtended)
    {
        if (tasks.Unregistered(call, agentId) is { } unregistered) return Task.FromResult(Reply.Refused(unregistered));

        var card = AgentCards.Of(catalogues.Agents(call.Tenant).Find(agentId)!, $"{options.PublicUrl ?? call.Origin}/a2a/{agentId}", call.Now, isExtended);
        if (isExtended) return Task.FromResult(Reply.Ok(new Result(card)));

        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(card)).AsSpan(0, 16))}\"";
        (string, string)[] headers = [(HeaderNames.ETag, tag), (HeaderNames.CacheControl, $"private, max-age={A2aLimits.CardSeconds}")];
        return Task.FromResult(call.Header(HeaderNames.IfNoneMatch) == tag ? Reply.NotModified() with { Headers = headers } : Reply.Ok(new Result(card)) with { Headers = headers });
    }

    private static Reply Refused(Fault fault) => new(fault.Status, fault, null);

    /// <summary>JSON-RPC: the method stands in the body, so that is looked at first; it is judged behind the gate, as any body is.</summary>
    private async Task Handle(HttpContext http)
    {
        if (await Unknown(http) is { } unknown)
        {
            await Write(http, unknown, Binding.Of(http.Request, "null"));
            return;
        }

        var request = await RpcRequest.Peek(http);
        await Answer(http, Binding.Of(http.Request, request.Id ?? "null"), request.IsRequest && Methods.TryGetValue(request.Method!, out var ask) ? ask
            : (_, _) => Unread(http, request.IsRequest ? Fault.NoMethod : Fault.NoRequest));
    }

    /// <summary>Who may not call is told that first, and what is no JSON at all is told so.</summary>
    private async Task<Reply> Unread(HttpContext http, Fault fault)
    {
        var reply = await gate.Ask(new ReceivedRequest(http), None.Rest, (_, _) => Task.FromResult(Refused(fault)));
        return reply.Refusal?.Code == Codes.ValidationFailed ? Refused(fault) : reply;
    }

    /// <summary>A failure is also written in the form of the protocol.</summary>
    private async Task Answer(HttpContext http, Binding binding, Func<HttpContext, Binding, Task<Reply>> ask) => await Write(http, (await ReplyOrFailure(http, () => ask(http, binding)!))!, binding);

    private Task<Reply?> Unknown(HttpContext http) => ReplyOrFailure(http, () => gate.Unknown(new ReceivedRequest(http), None.Rest));

    private async Task<Reply?> ReplyOrFailure(HttpContext http, Func<Task<Reply?>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            return Reply.Refused(failures.Refusal(RouteNames.Of(http), e));
        }
    }

    private async Task Write(HttpContext http, Reply reply, Binding binding)
    {
        if (binding.HasSequence)
        {
            http.Response.Headers[Sequence.Header] = Sequence.Uri;
        }

        var told = AgentGate.Told(new ReceivedRequest(http), reply, None.Rest);
        if (told.Refusal is { } refusal)
        {
            ApiMetrics.Refused(refusal.Code);
            told = told with { Refusal = null, Data = Fault.Of(refusal), RetryAfterSeconds = (int?)refusal.RetryAfterSeconds };
        }

        var text = told.Data switch
        {
            Fault fault => Text(fault, binding, Languages.Of(http.Request)?.Of(fault.Message) ?? fault.Message),
            Result result => binding.RpcId is { } id ? $$"""{"jsonrpc":"2.0","id":{{id}},"result":{{result.Json}}}""" : result.Json,
            _ => null,
        };
        if (text is null)
        {
            await replies.Write(http, told);
            return;
        }

        var bytes = Encoding.UTF8.GetByteCount(text);
        using var place = UnreadReplies.Begin(http, bytes);
        if (place is null)
        {
            await Write(http, Reply.Refused(UnreadReplies.TooMany), binding);
            return;
        }

        var status = told.Data is Fault { IsOfHttp: false } && binding.RpcId is not null ? StatusCodes.Status200OK : told.Data is Fault { Status: var own } ? own : told.Status;
        await replies.Write(http, told with { Status = status, Data = new PlainText(binding.RpcId is null ? SendAsked.ContentType : MediaTypes.Json, text) });
    }

    private static string Text(Fault fault, Binding binding, string message) => ApiJson.Text(writer =>
    {
        writer.WriteStartObject();
        binding.WriteHead(writer);
        writer.WritePropertyName("error");
        if (binding.RpcId is null)
        {
            fault.WriteStatus(writer, message);
        }
        else
        {
            fault.WriteRpc(writer, message);
        }

        writer.WriteEndObject();
    });

    /// <summary>The same operation in both bindings: only where its parameters stand is another.</summary>
    private sealed record Method<T>(Operation<T> Rest, Operation<T> Rpc);
}
