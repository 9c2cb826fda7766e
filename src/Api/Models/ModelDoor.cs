using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Models;

/// <summary>
/// The door to models: what clients of OpenAI and Anthropic send is taken here by a session's token, behind the same gate as all else that a session does. It is no part of our document: the makers have their own.
/// </summary>
internal sealed class ModelDoor(AgentGate gate, ModelCalls calls, ModelCatalogue models, ModelReplies replies, ModelCounts counts, Failures failures) : IFeature
{
    private const string OpenAi = ModelPaths.OpenAi;
    private const string Anthropic = ModelPaths.Anthropic;
    public const string AllResponses = $"{OpenAi}/responses";
    private const string OneResponse = $"{AllResponses}/{{response_id}}";

    private static readonly ChatCompletions Chat = new();
    private static readonly Responses Response = new();
    private static readonly Messages Message = new();
    private static readonly Embeddings Embedding = new();
    private static readonly Speech Spoken = new();

    private static readonly Operation<NoFields> ChatCall = Call("call_model_chat", $"POST {OpenAi}/chat/completions");
    private static readonly Operation<NoFields> ResponsesCall = Call("call_model_responses", $"POST {OpenAi}/responses");
    private static readonly Operation<NoFields> EmbeddingsCall = Call("call_model_embeddings", $"POST {OpenAi}/embeddings");
    private static readonly Operation<NoFields> SpeechCall = Call("call_model_speech", $"POST {OpenAi}/audio/speech");
    private static readonly Operation<NoFields> MessagesCall = Call("call_model_messages", $"POST {Anthropic}/messages");
    private static readonly Operation<NoFields> ResponsesCount = Count("count_model_responses", $"POST {OpenAi}/responses/input_tokens");
    private static readonly Operation<NoFields> MessagesCount = Count("count_model_messages", $"POST {Anthropic}/messages/count_tokens");
    private static readonly Operation<NoFields> ResponseGet = Read("get_response", $"GET {OpenAi}/responses/{{response_id}}");
    private static readonly Operation<NoFields> ResponseInputs = Read("list_response_inputs", $"GET {OpenAi}/responses/{{response_id}}/input_items");
    private static readonly Operation<NoFields> ResponseCancel = Read("cancel_response", $"POST {OpenAi}/responses/{{response_id}}/cancel");
    private static readonly Operation<NoFields> ResponseDelete = Read("delete_response", $"DELETE {OpenAi}/responses/{{response_id}}");
    private static readonly Operation<NoFields> OpenAiList = Read("list_models", $"GET {OpenAi}/models");
    private static readonly Operation<NoFields> AnthropicList = Read("list_models_anthropic", $"GET {Anthropic}/models");

    public void Map(Routes routes) => routes
        .Says(ModelHeaders.All)
        .Door($"{OpenAi}/chat/completions", http => Answer(http, Chat, ChatCall))
        .Door($"{OpenAi}/responses", http => Answer(http, Response, ResponsesCall))
        .Door($"{OpenAi}/embeddings", http => Answer(http, Embedding, EmbeddingsCall))
        .Door($"{OpenAi}/audio/speech", http => Answer(http, Spoken, SpeechCall))
        .Door($"{OpenAi}/responses/input_tokens", http => Answer(http, Response, ResponsesCount, Response.Read, (call, request) => Count(http, call, Response, request, static tokens => $$"""{"object":"response.input_tokens","input_tokens":{{tokens}}}""")))
        .Door($"{Anthropic}/messages/count_tokens", http => Answer(http, Message, MessagesCount, Messages.ReadCounted, (call, request) => Count(http, call, Message, request, static tokens => $$"""{"input_tokens":{{tokens}}}""")))
        .Door($"{Anthropic}/messages", http => Answer(http, Message, MessagesCall))
        .Door("GET", OneResponse, http => Guarded(http, Response, ResponseGet, call => replies.Get(http, call, Response)))
        .Door("GET", $"{OneResponse}/input_items", http => Guarded(http, Response, ResponseInputs, call => replies.Inputs(http, call, Response)))
        .Door($"{OneResponse}/cancel", http => Guarded(http, Response, ResponseCancel, call => replies.Cancel(http, call, Response)))
        .Door("DELETE", OneResponse, http => Guarded(http, Response, ResponseDelete, call => replies.Delete(http, call, Response)))
        .Door("GET", $"{OpenAi}/models", http => List(http, Chat, OpenAiList, ModelLists.OpenAi))
        .Door("GET", $"{OpenAi}/models/{{model}}", http => One(http, Chat, OpenAiList, ModelLists.OpenAi))
        .Door("GET", $"{Anthropic}/models", http => List(http, Message, AnthropicList, ModelLists.Anthropic))
        .Door("GET", $"{Anthropic}/models/{{model}}", http => One(http, Message, AnthropicList, ModelLists.Anthropic));

    private static Operation<NoFields> Call(string name, string endpoint) => Foreign(name, endpoint) with { HearsKey = true, TakesBytes = true, MostBytes = Limits.ModelRequestBytes };

    /// <summary>It changes nothing, so no key says that it was asked before.</summary>
    private static Operation<NoFields> Count(string name, string endpoint) => Foreign(name, endpoint) with { TakesBytes = true, MostBytes = Limits.ModelRequestBytes };

    private static Operation<NoFields> Read(string name, string endpoint) => Foreign(name, endpoint);

    private static Operation<NoFields> Foreign(string name, string endpoint) => new(Audience.Agents, name, endpoint, "")
    {
        Read = NoFields.Read,
        IsForeign = true,
        Data = typeof(PlainBytes),
        DataExample = "",
    };

    private Task Answer(HttpContext http, IDialect dialect, Operation operation) => Answer(http, dialect, operation, dialect.Read, (call, request) => calls.Answer(new ModelClient(http, call, dialect), call.ForModels, request));

    private async Task Answer(HttpContext http, IDialect dialect, Operation operation, Func<ReadOnlyMemory<byte>, ModelRequest> read, Func<AgentCall, ModelRequest, Task> answer)
    {
        await Guarded(http, dialect, operation, async call =>
        {
            if (call.Findings.Refusal is { } unread)
            {
                await Refuse(http, call, dialect, await call.Refusal(unread));
                return;
            }

            if (!call.HasRoomToParse)
            {
                await Refuse(http, call, dialect, await call.Refusal(Body.NoPlace));
                return;
            }

            ModelRequest request;
            try
            {
                request = read(call.Sent);
            }
            catch (DialectException wrong)
            {
                // The session counts the request, and refuses first what it refuses.
                var visited = await call.Visit(new Rejection(Codes.ValidationFailed, wrong.Message, [new(wrong.Fault.Param ?? "", "not", wrong.Message)]));
                await (visited.Rejection is { Code: not Codes.ValidationFailed } own ? Refuse(http, call, dialect, own) : Write(http, dialect, wrong.Fault));
                return;
            }

            await answer(call, request);
        });
    }

    private async Task Count(HttpContext http, AgentCall call, IDialect dialect, ModelRequest request, Func<long, string> json) => await (await counts.Of(call.ForModels, request) switch
    {
        CountedTokens.Of counted => WriteJson(http, StatusCodes.Status200OK, Encoding.UTF8.GetBytes(json(counted.Tokens))),
        CountedTokens.Refused refused => Refuse(http, call, dialect, refused.Why),
        CountedTokens.Failed failed => Write(http, dialect, failed.Fault),
        var other => throw new UnreachableException($"{other}"),
    });

    private Task List(HttpContext http, IDialect dialect, Operation operation, Func<IReadOnlyList<ServiceEntry>, byte[]> list) => Listed(http, dialect, operation, (_, all) => list(all));

    private Task One(HttpContext http, IDialect dialect, Operation operation, Func<ServiceEntry, byte[]> one) =>
        Listed(http, dialect, operation, (call, all) => all.FirstOrDefault(model => model.ServiceId == call.Named("model")) is { } model ? one(model) : null);

    /// <summary>Of the models that the session may call, as far as its scopes say.</summary>
    /// <param name="list">Null: there is none of this name.</param>
    private async Task Listed(HttpContext http, IDialect dialect, Operation operation, Func<AgentCall, IReadOnlyList<ServiceEntry>, byte[]?> list)
    {
        await Guarded(http, dialect, operation, async call =>
        {
            var visited = await call.Visit();
            if (visited.Rejection is { } refused)
            {
                await Refuse(http, call, dialect, refused);
            }
            else if (list(call, models.All(call.Tenant, ((SessionView)visited.Reply!).Scopes)) is { } json)
            {
                Describe(http, StatusCodes.Status200OK);
                if (!await UnreadReplies.Send(http, json))
                {
                    await Refuse(http, call, dialect, UnreadReplies.TooMany);
                }
            }
            else
            {
                await Refuse(http, call, dialect, Core.Runs.RunRejection.IsNoModel);
            }
        });
    }

    /// <summary>Whatever happens is told in the dialect's words.</summary>
    private async Task Guarded(HttpContext http, IDialect dialect, Operation operation, Func<AgentCall, Task> answer)
    {
        // Anthropic's clients say a key so; it is a session's token here all the same.
        if (http.Request.Headers.Authorization.Count == 0 && http.Request.Headers["x-api-key"] is [{ } key])
        {
            http.Request.Headers.Authorization = $"Bearer {key}";
        }

        try
        {
            var (call, refused) = await gate.Enter(new ReceivedRequest(http), operation);
            using (call)
            {
                await (call is null ? Write(http, dialect, DialectFaults.Of(refused!, refused!.Message)) : answer(call));
            }
        }
        catch (Exception e) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            var failure = failures.Refusal(RouteNames.Of(http), e);
            await Write(http, dialect, DialectFaults.Of(failure, failure.Message), failure);
        }
    }

    internal static Task Refuse(HttpContext http, AgentCall call, IDialect dialect, Rejection refused) => Write(http, dialect, DialectFaults.Of(refused, call.Said(refused.Message)), refused);

    internal static async Task Write(HttpContext http, IDialect dialect, DialectFault fault, Rejection? refused = null)
    {
        ApiMetrics.Refused(fault.Code);
        if (refused?.RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        // Both makers' clients hear this: what would be refused again is not sent again, nor under its key what has its outcome there.
        var isPassing = fault.Kind is DialectErrorKind.RateLimited or DialectErrorKind.Overloaded || refused is { Retry: true, RetryAfterSeconds: not null };
        http.Response.Headers[ModelHeaders.ShouldRetry] = isPassing && refused is not ({ RetryWith: RetryWith.NewKey } or { Code: Codes.Unavailable, Retry: false }) ? "true" : "false";
        var body = new ArrayBufferWriter<byte>(512);
        dialect.WriteError(fault, body);
        await WriteJson(http, fault.Code == Codes.UnsupportedMediaType ? StatusCodes.Status415UnsupportedMediaType : dialect.StatusOf(fault.Kind), body.WrittenMemory);
    }

    /// <summary>For short replies and for replies of calls that still have their place (<see cref="CallPlaces"/>). These were paid, so they are not refused for lack of room.</summary>
    internal static async Task WriteJson(HttpContext http, int status, ReadOnlyMemory<byte> json)
    {
        Describe(http, status);
        http.Response.ContentLength = json.Length;
        http.Response.BodyWriter.Write(json.Span);
        await http.Response.BodyWriter.FlushAsync(CancellationToken.None);
    }

    private static void Describe(HttpContext http, int status) => (http.Response.StatusCode, http.Response.ContentType) = (status, MediaTypes.Json);
}
