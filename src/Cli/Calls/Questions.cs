using System.Globalization;
using System.Text.Json;
using Agora.Cli.Output;
using Agora.Cli.Profiles;

namespace Agora.Cli.Calls;

/// <summary>What the server says to one request; a refusal ends the command with what was said.</summary>
internal static class Questions
{
    public static async Task<JsonElement> Data(Profile profile, Request request, string credential, CancellationToken cancel)
    {
        var answered = await Caller.Send(profile, request, credential, cancel);
        if (Reply.Parse(answered) is { Data: { } data } && answered.Status < 300) return data;

        var said = new StringWriter(CultureInfo.InvariantCulture);
        if (Reply.Parse(answered) is { Refusal: { } refusal })
        {
            Refusals.Write(said, refusal);
        }

        throw new CliException(ExitCodes.OfStatus(answered.Status), $"{request.Method} {request.Address.AbsolutePath} was answered {answered.Status}. {said}".TrimEnd());
    }
}
