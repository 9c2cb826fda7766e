using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>
/// A refusal as problem details (RFC 9457), for who asks for them: <c>Accept: application/problem+json</c>. What the envelope's <c>error</c> has are its extension members. Types
/// are relative, so that a code has one name by whatever address it is reached.
/// </summary>
internal static class Problem
{
    public const string ContentType = "application/problem+json";

    private const string Json = "application/json";

    /// <summary>Named with at least the weight of the envelope's own type; a wildcard names neither, and the envelope comes.</summary>
    public static bool IsWanted(StringValues accept) =>
        accept.Count > 0 && accept.ToString().Contains("problem+json", StringComparison.OrdinalIgnoreCase)
        && MediaTypeHeaderValue.TryParseList(accept, out var types) && Weight(types, ContentType) is > 0 and var weight && weight >= (Weight(types, Json) ?? 0);

    public static string TypeOf(string code) => $"/errors/{code}";

    /// <summary>The members that are the standard's; its <c>status</c> is a number, where the envelope's is a word.</summary>
    public static void Write(Utf8JsonWriter writer, int status, Rejection refusal, ReplyForm form)
    {
        writer.WriteString("type", TypeOf(refusal.Code));
        writer.WriteString("title", form.Said(ErrorPages.Of(refusal.Code).Title));
        writer.WriteNumber("status", status);
        writer.WriteString("detail", form.Said(refusal));
        writer.WriteString("instance", $"{TypeOf(refusal.Code)}#{form.RequestId}");
        writer.WriteString(RequestIds.Member, form.RequestId);
        writer.WriteString("code", refusal.Code);
    }

    /// <summary>The example of a code's page, in this form.</summary>
    public static JsonObject Of(ErrorPage page)
    {
        var envelope = page.Example();
        var (error, id) = ((JsonObject)envelope["error"]!, (string)envelope[RequestIds.Member]!);
        var problem = new JsonObject
        {
            ["type"] = TypeOf(page.Code), ["title"] = page.Title, ["status"] = Codes.StatusOf(page.Code), ["detail"] = error["message"]!.DeepClone(),
            ["instance"] = $"{TypeOf(page.Code)}#{id}", [RequestIds.Member] = id, ["code"] = page.Code,
        };
        foreach (var (name, value) in error.Where(member => member.Key is not ("code" or "message")))
        {
            problem[name] = value?.DeepClone();
        }

        return problem;
    }

    private static double? Weight(IList<MediaTypeHeaderValue> types, string wanted)
    {
        foreach (var type in types)
        {
            if (type.MediaType.Equals(wanted, StringComparison.OrdinalIgnoreCase)) return type.Quality ?? 1;
        }

        return null;
    }
}
