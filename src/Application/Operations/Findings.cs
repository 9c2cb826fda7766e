using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Application.Operations;

/// <summary>
/// What is wrong with one request, gathered while it is read, so that all of it is reported at once. Malformed is what
/// could not be read at all, and comes first in the order of refusals; violations are wrong values.
/// <para>Bound: <see cref="Most"/> violations; a body of 10,000 unknown members must not become a reply of 10,000 entries.</para>
/// </summary>
internal sealed class Findings
{
    public const int Most = 100;

    private const int PathMost = 100;

    private List<Detail>? _violations;

    public Rejection? Malformed { get; private set; }

    public IReadOnlyList<Detail> Violations => _violations ?? [];

    /// <summary>What refuses the request, in the order of precedence, or null.</summary>
    public Rejection? Refusal => Malformed ?? (_violations is null ? null : Invalid(_violations));

    public static Rejection Invalid(IReadOnlyList<Detail> violations) => AccessRejection.Invalid(violations);

    /// <summary>The same refusal with a message that names the first field and its cause, for readers of the message alone. If a third party's schema says what is wrong, the message names only the member of ours in which that is: our sentences never contain a third party's words.</summary>
    /// <param name="untrusted">Places of the reply to the refusal that hold strings of third parties.</param>
    public static Rejection Pointed(Rejection refusal, IReadOnlyList<string> untrusted)
    {
        if (refusal is not { Message: Rejection.NotValid, Details: [var first, ..] all }) return refusal;
        if (untrusted.Count > 0)
        {
            return FirstName(first.Path) is { Length: > 0 } member && IsPlain(member) ? refusal with { Message = $"The request is not valid at {member}; details lists every violation." } : refusal;
        }

        if (!IsPlain(first.Path)) return refusal;

        var what = first.Path.Length == 0 ? "The request's body is not valid" : $"The request is not valid at {first.Path}"; // "/" would point at a member with an empty name (RFC 6901)
        return refusal with { Message = all.Count == 1 ? $"{what}: {first.Message}" : $"{what}: {first.Message} Details list {all.Count - 1} more." };
    }

    private static string FirstName(string path) => path.IndexOf('/', Math.Min(1, path.Length)) is > 0 and var end ? path[..end] : path;

    /// <summary>Whether the path has only characters of names that routes declare: a name that a caller made up can contain anything.</summary>
    private static bool IsPlain(string path) => path.Length <= PathMost && path.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '.' or '~');

    public static Rejection Invalid(string path, string keyword, string message) => Invalid([new Detail(path, keyword, message)]);

    public void Violate(string path, string keyword, string message)
    {
        _violations ??= [];
        if (_violations.Count < Most)
        {
            _violations.Add(new(path, keyword, message));
        }
    }

    public void Violate(IEnumerable<Detail> details)
    {
        foreach (var detail in details)
        {
            Violate(detail.Path, detail.Keyword, detail.Message);
        }
    }

    /// <summary>Of a string that someone is shown.</summary>
    public bool IsDisplayable(string text, string path, int maxLength = Limits.NameLength, bool blank = false)
    {
        var (keyword, message) = DisplayText.Length(text) > maxLength ? ("maxLength", Wanted.AtMost(maxLength, "characters", DisplayText.Length(text)))
            : !blank && string.IsNullOrWhiteSpace(text) ? ("minLength", "The string is empty.")
            : DisplayText.HasHiddenCharacters(text) ? ("pattern", "Control, bidirectional and zero-width characters are not allowed in a string that is displayed.")
            : ("", "");
        if (keyword.Length > 0)
        {
            Violate(path, keyword, message);
        }

        return keyword.Length == 0;
    }

    /// <summary>The first reason stands: what follows from an unreadable request is noise.</summary>
    public void Malform(Rejection reason) => Malformed ??= reason;

    public void Malform(string message) => Malform(new Rejection(Codes.MalformedRequest, message));
}
