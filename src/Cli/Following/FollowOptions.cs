using System.CommandLine;
using System.Text.Json;
using Agora.Cli.Calls;
using Agora.Cli.Profiles;

namespace Agora.Cli.Following;

/// <summary>What <c>watch</c> and <c>listen</c> have in common.</summary>
internal sealed class FollowOptions
{
    private readonly Option<string?> _types = new("--types") { Description = "Only those, with commas between, such as run.succeeded,run.failed; absent: all that webhooks are told." };
    private readonly Option<string?> _cursor = new("--cursor") { Description = "Go on from where an earlier one ended; absent: from now on." };
    private readonly Option<int?> _count = new("--count") { Description = "End after so many events; absent: not before it is interrupted." };

    public IEnumerable<Option> All => [_types, _cursor, _count];

    /// <summary>Tells each event once. However it ends, it says where to go on.</summary>
    public async Task<int> Follow(ParseResult parsed, Terminal terminal, Func<Profile, Task> began, Func<JsonElement, CancellationToken, Task> tell, CancellationToken cancel)
    {
        var left = parsed.GetValue(_count) ?? int.MaxValue;
        if (left < 1) throw CliException.Wrong("--count is 1 at least.");

        var profile = new Profile(parsed.GetValue(CallOptions.Server), null, null, null).Over(new ProfileStore(terminal).Effective(parsed.GetValue(CallOptions.Profile)));
        var events = new Events(profile, terminal, parsed.GetValue(_types));
        try
        {
            await foreach (var happened in events.Follow(parsed.GetValue(_cursor), cancel))
            {
                if (happened is not { } one)
                {
                    await began(profile);
                    continue;
                }

                await tell(one, cancel);
                if (--left == 0 || terminal.IsGone()) return ExitCodes.Done;
            }

            return ExitCodes.Done;
        }
        finally
        {
            if (events.Cursor is { } cursor)
            {
                await terminal.Error.WriteLineAsync($"To go on from here: --cursor {cursor}");
            }
        }
    }
}
