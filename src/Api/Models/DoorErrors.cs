using System.Buffers;
using Agora.Application.Models;
using Agora.Core.Kernel;
using Agora.Models.Dialects;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Agora.Api.Models;

/// <summary>What routing refuses below the door's base URLs, in the words of the client that asked: it could not read an envelope of ours.</summary>
internal sealed class DoorErrors : IErrorForm
{
    private static readonly ChatCompletions OpenAi = new();
    private static readonly Messages Anthropic = new();

    /// <returns>False: it is not the door's.</returns>
    public async Task<bool> Describe(HttpContext http)
    {
        if (DialectOf(http.Request.Path) is not { } dialect || FaultOf(http) is not { } fault) return false;

        if (fault.Kind == DialectErrorKind.NotFound)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            http.Response.Headers.Remove(HeaderNames.Allow);
        }

        ApiMetrics.Refused(fault.Code);
        http.Response.Headers[ModelHeaders.ShouldRetry] = "false";
        var body = new ArrayBufferWriter<byte>(512);
        dialect.WriteError(fault, body);
        await ModelDoor.WriteJson(http, http.Response.StatusCode, body.WrittenMemory);
        return true;
    }

    private static IDialect? DialectOf(PathString path) =>
        path.StartsWithSegments(ModelPaths.OpenAi, StringComparison.Ordinal) ? OpenAi : path.StartsWithSegments(ModelPaths.Anthropic, StringComparison.Ordinal) ? Anthropic : null;

    /// <summary>Whether the path is served. Routing takes any segment behind /responses/ as the id of a response, also those of OpenAI's routes that are not served here (POST /responses/compact).</summary>
    private static bool IsServed(PathString path) =>
        !path.StartsWithSegments(ModelDoor.AllResponses, StringComparison.Ordinal, out var rest) || rest.Value is null or "" or "/input_tokens" || rest.Value.StartsWith($"/{Responses.IdPrefix}", StringComparison.Ordinal);

    private static DialectFault? FaultOf(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status405MethodNotAllowed when IsServed(http.Request.Path) => new(DialectErrorKind.InvalidRequest, Codes.MethodNotAllowed, $"{http.Request.Path} is asked by {http.Response.Headers.Allow}, not by {http.Request.Method}."),
        StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed => new(DialectErrorKind.NotFound, Codes.NotFound, $"There is no {http.Request.Method} {http.Request.Path} here: docs/models.md says what there is."),
        _ => null,
    };
}
