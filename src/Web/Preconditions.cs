using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>
/// If-Match and If-None-Match (RFC 9110 sections 13.1.1 and 13.1.2), of operations that declare them. If-Match compares strongly, so a weak tag matches nothing; If-None-Match weakly.
/// </summary>
internal static class Preconditions
{
    /// <summary>One or more entity tags, or *.</summary>
    private const string Tag = """^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$""";

    public static readonly Member IfMatch = Of(HeaderNames.IfMatch, "Only if it is there with one of these ETags; *: if it is there. Else 412.");
    public static readonly Member IfNoneMatch = Of(HeaderNames.IfNoneMatch, "Only if it has none of these ETags; *: if it is not there. Else 412.");
    public static readonly Member IfNoneMatchOfRead = Of(HeaderNames.IfNoneMatch, "With the ETag that is known: 304 while it has that one.");

    public static readonly Member Etag = new(
        HeaderNames.ETag, static () => new() { ["type"] = "string", ["description"] = "Of the definition alone: spending does not change it. If-Match takes it as it is.", ["examples"] = new JsonArray("\"pM0vWFVOQHyzRZw9OQ0sXw\"") });

    /// <summary>Where an operation changes something.</summary>
    public static readonly IReadOnlyList<Member> OfChange = [IfMatch, IfNoneMatch];

    public static Precondition? Read(Request request, Operation operation, Findings findings)
    {
        var match = operation.Headers.Contains(IfMatch) ? Tags(request, HeaderNames.IfMatch, findings) : null;
        var noneMatch = operation.Headers.Any(header => header.Name == HeaderNames.IfNoneMatch) ? Tags(request, HeaderNames.IfNoneMatch, findings) : null;
        return match is null && noneMatch is null ? null : new(
            match is null ? null : [.. match.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.ToString())],
            noneMatch is null ? null : [.. noneMatch.Select(tag => tag.Tag.ToString())]);
    }

    private static IList<EntityTagHeaderValue>? Tags(Request request, string name, Findings findings)
    {
        var values = request.Header(name);
        if (values.Count == 0) return null;
        if (values.Sum(value => value?.Length) <= Limits.PreconditionLength
            && EntityTagHeaderValue.TryParseStrictList(values, out var tags) && tags.Count > 0 && (tags.Count == 1 || !tags.Contains(EntityTagHeaderValue.Any)))
        {
            return tags;
        }

        findings.Malform($"{name} is one or more entity tags in quotes, separated by commas, or *; at most {Limits.PreconditionLength} characters.");
        return null;
    }

    private static Member Of(string name, string meaning) => new(name, () => new() { ["type"] = "string", ["maxLength"] = Limits.PreconditionLength, ["pattern"] = Tag, ["description"] = meaning });
}
