using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>
/// Why an operator does something whose body has no place for it: a definition is put as it shall be, and the reason is none of it. As text in UTF-8, 1 to
/// <see cref="Limits.ReasonLength"/> characters that a reader sees.
/// </summary>
internal static class Reasons
{
    public const string Header = "Agora-Reason";

    private const string InBody = "reason";

    public static JsonObject Schema => Schemas.Meaning(Schemas.Text(Limits.ReasonLength), "Why, for whoever looks at it later: GET /admin/acts has it.");

    public static bool AreHeard(Operation operation) => operation.Audience == Audience.Operators && operation.TakesKey && operation.Sheet.Members.All.All(member => member.Name != InBody);

    public static string? Read(Request request, Operation operation, Findings findings)
    {
        var values = request.Header(Header);
        if (values.Count == 0 || !AreHeard(operation)) return null;
        if (values is [{ } text]) return findings.IsDisplayable(text, Header, Limits.ReasonLength) ? text : null;

        findings.Malform($"{Header} stands here more than once.");
        return null;
    }
}
