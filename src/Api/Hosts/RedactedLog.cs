using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Agora.Api.Hosts;

/// <summary>
/// The last step before a line leaves the process: whatever in it has the form of a credential of ours (a link to an approval or to a user's pages, a session's token,
/// an agent's key, a secret of a webhook), of a signed token (its header begins with <c>{"</c> in base64url), or stands where a chat names a session, loses all but its prefix. A link is part of a path, and paths reach the log by many ways that are not ours: the server's
/// scope around each request, its own lines where somebody turns them on, exceptions.
/// </summary>
internal static partial class RedactedLog
{
    /// <summary>Around every formatter that is registered by then.</summary>
    public static void RedactCredentials(this ILoggingBuilder logging)
    {
        foreach (var formatter in logging.Services.Where(s => s.ServiceType == typeof(ConsoleFormatter) && s.ImplementationType is not null).ToList())
        {
            logging.Services.Remove(formatter);
            logging.Services.AddSingleton<ConsoleFormatter>(provider => new Formatter((ConsoleFormatter)ActivatorUtilities.CreateInstance(provider, formatter.ImplementationType!)));
        }
    }

    internal static string Redact(string text) => Credential().Replace(text, "${prefix}…");

    /// <summary>Ids, points, digits, base64url and a tenant's '~' follow the prefix; and %, where a path is written encoded. A chat's session_token is an UUID, so only its name tells it.</summary>
    [GeneratedRegex("""(?<prefix>apv_|aul_|agt_|agk[0-9]*_|eyJ|session_token(%3D|\\u0022|\W){1,5})[A-Za-z0-9._:%~-]+|(?<prefix>whsec_)([A-Za-z0-9+/=%]|\\u00[0-9A-F]{2})+""", RegexOptions.CultureInvariant)]
    private static partial Regex Credential();

    private sealed class Formatter(ConsoleFormatter inner) : ConsoleFormatter(inner.Name)
    {
        public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            using var text = new StringWriter(CultureInfo.InvariantCulture);
            inner.Write(logEntry, scopeProvider, text);
            textWriter.Write(Redact(text.ToString()));
        }
    }
}
