using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Cli.Output;
using Agora.Cli.Profiles;

namespace Agora.Cli.Calls;

/// <summary>The command of one operation: ids are its arguments, and whatever else it reads its options.</summary>
internal sealed class OperationCommand
{
    private const string CsvType = "text/csv";
    private readonly ApiOperation _operation;
    private readonly Terminal _terminal;
    private readonly List<(ApiValue Value, Argument<string> Argument)> _ids = [];
    private readonly List<(ApiValue Value, Option<string?> Option)> _query = [];
    private readonly List<(ApiValue Value, Option<string?> Option)> _members = [];

    // Not shared: an option keeps a list of all commands that it was added to, and each further one walks through it.
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would be sent, and send nothing." };
    private readonly Option<string?> _body = new("--body") { Description = "The whole body as JSON, @FILE or - for standard input; options stand over its members." };
    private readonly Option<string?> _key = new("--idempotency-key") { Description = "With the same key it happens once; absent: a new one, which is said where nobody knows whether it happened." };
    private readonly Option<string?> _why = new("--because") { Description = "Why, for the record of what operators do." };

    private OperationCommand(ApiOperation operation, Terminal terminal) => (_operation, _terminal) = (operation, terminal);

    public static Command Of(ApiOperation operation, Terminal terminal)
    {
        var built = new OperationCommand(operation, terminal);
        var command = new Command(operation.Name, $"{operation.Summary}.");
        foreach (var id in operation.Ids)
        {
            var argument = new Argument<string>(id.Name) { Description = id.Meaning };
            built._ids.Add((id, argument));
            command.Add(argument);
        }

        built.Add(command, operation.Query, built._query);
        built.Add(command, operation.Members, built._members);
        foreach (var option in built.Offered())
        {
            command.Add(option);
        }

        command.SetAction(built.Call);
        return command;
    }

    private IEnumerable<Option> Offered() =>
    [
        .. _operation.HasBody ? [_body] : (Option[])[],
        .. _operation.IsRead ? (Option[])[] : [_dryRun],
        .. _operation.TakesKey ? [_key] : (Option[])[],
        .. _operation.TakesReason ? [_why] : (Option[])[],
    ];

    private void Add(Command command, IReadOnlyList<ApiValue> values, List<(ApiValue, Option<string?>)> options)
    {
        foreach (var value in values.Where(value => !CallOptions.Names.Contains(Dashed(value))))
        {
            var option = new Option<string?>($"--{Dashed(value)}") { Description = value.IsRequired ? $"Wanted. {value.Meaning}" : value.Meaning, Arity = value.Type == "boolean" ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne };
            option.CompletionSources.Add([.. value.Choices]);
            options.Add((value, option));
            command.Add(option);
        }
    }

    private async Task<int> Call(ParseResult parsed, CancellationToken cancel)
    {
        var profile = new ProfileStore(_terminal).Effective(parsed.GetValue(CallOptions.Profile));
        profile = new Profile(parsed.GetValue(CallOptions.Server), null, null, null).Over(profile);
        var (server, asCsv) = (profile.Address, parsed.GetValue(CallOptions.Csv));
        var request = RequestOf(parsed, server, asCsv);
        if (!_operation.IsRead && parsed.GetValue(_dryRun)) return Shown(request);

        var answered = await Sent(profile, request, profile.Credential(_operation.Scheme), cancel);
        return Told(answered, parsed.GetValue(CallOptions.Json), asCsv, request);
    }

    private Request RequestOf(ParseResult parsed, Uri server, bool asCsv)
    {
        var path = _ids.Aggregate(_operation.Path, (route, id) => route.Replace($"{{{id.Value.Name}}}", Uri.EscapeDataString(parsed.GetRequiredValue(id.Argument)), StringComparison.Ordinal));
        var query = string.Join('&', _query.Where(one => parsed.GetResult(one.Option) is not null).Select(one => $"{one.Value.Name}={Uri.EscapeDataString(parsed.GetValue(one.Option) ?? "true")}"));
        (string, string)[] headers =
        [
            .. _operation.TakesKey ? [(ApiOperation.KeyHeader, parsed.GetValue(_key) ?? Guid.NewGuid().ToString("D"))] : ((string, string)[])[],
            .. _operation.TakesReason && parsed.GetValue(_why) is { } why ? [(ApiOperation.ReasonHeader, why)] : ((string, string)[])[],
            .. asCsv && _operation.ListsAll ? [("Accept", CsvType)] : ((string, string)[])[],
        ];
        return new(_operation.Method, Caller.At(server, query.Length == 0 ? path : $"{path}?{query}"), BodyOf(parsed)?.ToJsonString(), headers);
    }

    private JsonObject? BodyOf(ParseResult parsed)
    {
        if (_operation.IsRead || !_operation.HasBody) return null;

        var body = parsed.GetValue(_body) is { } whole ? Given.Body(whole, _terminal) : [];
        foreach (var (value, option) in _members.Where(one => parsed.GetResult(one.Option) is not null))
        {
            body[value.Name] = Given.Json(value, parsed.GetValue(option) ?? "true", _terminal);
        }

        var missing = _members.Where(one => one.Value.IsRequired && !body.ContainsKey(one.Value.Name)).Select(one => $"--{Dashed(one.Value)}").ToList();
        return missing.Count == 0 ? body : throw CliException.Wrong($"Missing: {string.Join(", ", missing)}. agora {_operation.Name} --help says what each is.");
    }

    private async Task<Answered> Sent(Profile profile, Request request, string credential, CancellationToken cancel)
    {
        try
        {
            return await Caller.Send(profile, request, credential, cancel);
        }
        catch (CliException e) when (e.ExitCode == ExitCodes.NoServer && _operation.TakesKey)
        {
            throw new CliException(e.ExitCode, $"{e.Message} {Again(request)}");
        }
    }

    /// <summary>Without a credential: what is shown can be passed on.</summary>
    private int Shown(Request request)
    {
        _terminal.Out.WriteLine($"{request.Method} {request.Address}");
        foreach (var (name, value) in request.Headers)
        {
            _terminal.Out.WriteLine($"{name}: {value}");
        }

        _terminal.Out.WriteLine(request.Body is { } body ? $"\n{body}" : "");
        _terminal.Error.WriteLine(_operation.MovesMoney ? "Nothing was sent, and no money has moved." : "Nothing was sent.");
        return ExitCodes.Done;
    }

    private int Told(Answered answered, bool asJson, bool asCsv, Request request)
    {
        if (answered.MediaType == CsvType)
        {
            _terminal.Out.Write(answered.Text);
            return ExitCodes.OfStatus(answered.Status);
        }

        if (Reply.Parse(answered) is not { } reply)
        {
            _terminal.Error.WriteLine($"The server answered {answered.Status} with something that is no reply of Agora.");
            return answered.Status >= 500 ? ExitCodes.Later : ExitCodes.Refused;
        }

        if (asJson)
        {
            _terminal.Out.WriteLine(answered.Text);
        }
        else if (reply.Data is { } data)
        {
            Show(data, asCsv);
        }

        if (reply.Refusal is { } refusal)
        {
            Refusals.Write(_terminal.Error, refusal);
            if (_operation.TakesKey && answered.Status is 409 or >= 500)
            {
                _terminal.Error.WriteLine(Again(request));
            }
        }

        return ExitCodes.OfStatus(answered.Status);
    }

    private void Show(JsonElement data, bool asCsv)
    {
        if (asCsv)
        {
            CsvLines.Write(_terminal.Out, data);
        }
        else
        {
            Tables.Write(_terminal, data);
        }
    }

    private static string Again(Request request) => $"Send the same again with --idempotency-key {request.Headers.First(header => header.Name == ApiOperation.KeyHeader).Value}: it happens once.";

    private static string Dashed(ApiValue value) => value.Name.Replace('_', '-');
}
