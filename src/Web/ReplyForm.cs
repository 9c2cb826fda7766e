using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>How this request is to be answered.</summary>
/// <param name="IsDetailed">Next actions with all of their members.</param>
/// <param name="HasTemplates">Next actions have a template as their endpoint, and all params that fill it.</param>
/// <param name="IsProblem">A refusal as problem details.</param>
/// <param name="IsPlain">As <see cref="Audience.IsPlain"/>; so is a refusal of a path or method that is not served below <c>/gpt</c>.</param>
/// <param name="Words">Another language than English is wanted, and there is one.</param>
/// <param name="Operations">For next actions. Null if the reply has none.</param>
internal readonly record struct ReplyForm(string RequestId, bool IsDetailed, bool HasTemplates, bool IsProblem, bool IsPlain, Words? Words, OperationTable? Operations = null)
{
    public static ReplyForm Of(HttpContext http, bool isRefusal, OperationTable operations)
    {
        var plain = http.GetEndpoint()?.Metadata.GetMetadata<Operation>() is { } operation ? operation.Audience.IsPlain : isRefusal && http.Request.Path.StartsWithSegments("/gpt", StringComparison.Ordinal);
        return new(
            http.TraceIdentifier, Wishes(http.Request, NextActionForm.Detailed, NextActionForm.Full), Wishes(http.Request, NextActionForm.Form, NextActionForm.Template), isRefusal && !plain && Problem.IsWanted(http.Request.Headers.Accept), plain, Languages.Of(http.Request), operations);
    }

    private static bool Wishes(HttpRequest request, string name, string value) => request.QueryString.HasValue && request.Query[name] == value;

    public string Said(string text) => Words?.Of(text) ?? text;

    public string Said(Rejection refusal) => Words?.Of(refusal) ?? refusal.Message;

    public IReadOnlyList<Detail> Said(IReadOnlyList<Detail> details)
    {
        var words = Words;
        return words is null ? details : [.. details.Select(detail => detail with { Message = words.Of(detail.Message) })];
    }
}
