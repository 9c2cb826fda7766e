using Agora.Api.Admin.Services;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;

namespace Agora.Api.Admin.Upstreams;

/// <summary>An upstream as it shall be: whole; only the secret, which is write-only, is kept where it is left out.</summary>
internal sealed record UpstreamRequest(string UpstreamId, UpstreamDefinition Definition, string? Secret)
{
    private const string CommandPattern = "^[a-z0-9][a-z0-9-]{0,63}$";

    public static UpstreamRequest Read(Call call)
    {
        var (body, id) = (call.Body, call.Id("upstream_id"));
        var urls = EndpointText.ReadAll(call, "urls", "Where it is called, by Streamable HTTP; each has the same tools. Either this or command.", Limits.UpstreamInstances);
        var command = body.Formatted("command", "Name of a command on the server's machine that whoever runs it allowed (AGORA_MCP_COMMANDS). Either this or urls.", 64, IsCommand, "Small letters, digits and - are wanted here.", required: false, CommandPattern);
        body.Rule(static schema => schema["oneOf"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"required":["urls"]},{"required":["command"]}]"""));
        if (urls is null == command is null)
        {
            call.Findings.Violate("", "oneOf", "Either urls or command is wanted.");
        }

        if (command is not null && !body.IsSwitchedOff && call.CommandRefusal(command) is { } notAllowed)
        {
            body.Violate("command", "not", notAllowed);
        }

        var description = body.Text("description", "What it is for, for whoever looks at it later.", Limits.DescriptionLength, required: false);
        var (header, secret) = ServiceRequest.Auth(body, "urls stay");
        if (header is not null && (header.Equals("Accept", StringComparison.OrdinalIgnoreCase) || header.StartsWith("Mcp-", StringComparison.OrdinalIgnoreCase) || header.Equals("Last-Event-ID", StringComparison.OrdinalIgnoreCase)))
        {
            call.Findings.Violate("/auth/header", "not", "The protocol sets this header itself.");
        }

        var category = body.Text("category", "What scopes allow, of its tools.", Limits.NameLength) ?? "";
        var price = body.Cents("price_cents", "Price of one run of a tool.") ?? 0;
        var provider = ServiceRequest.Provider(body);
        var owner = body.Id("owner", "Who is behind the provider.", required: false);
        var timeoutMs = body.Integer("timeout_ms", "How long a call may take.", 1, Limits.ServiceTimeoutMs, absent: Limits.ServiceTimeoutMsDefault) ?? Limits.ServiceTimeoutMsDefault;
        var active = body.Flag("active", "Whether its tools can be found and run, and its list is followed.", absent: true) ?? true;
        var tools = Tools(call, id);
        return new(id, new(urls, command, description, header, category, price, provider, owner, timeoutMs, active, tools.Count == 0 ? null : tools), secret);
    }

    private static List<ToolTerms> Tools(Call call, string upstreamId)
    {
        var tools = new List<ToolTerms>();
        foreach (var item in call.Body.Objects("tools", "Where a tool differs from the others.", Limits.UpstreamTools, required: false))
        {
            var serviceId = item.Id("service_id", "The tool, by its service.") ?? "";
            var price = item.Cents("price_cents", "Price of one run of it.", required: false);
            var category = item.Text("category", "What scopes allow, of it.", Limits.NameLength, required: false);
            var active = item.Flag("active", "Whether it can be found and run.", absent: true) ?? true;
            item.Finish();
            if (serviceId.Length > 0 && !serviceId.StartsWith($"{upstreamId}{ToolNames.Separator}", StringComparison.Ordinal))
            {
                item.Violate("service_id", "pattern", $"A tool of this upstream is {upstreamId}{ToolNames.Separator} and its name.");
            }

            tools.Add(new(serviceId, price, category, !active));
        }

        if (tools.DistinctBy(tool => tool.ServiceId, StringComparer.Ordinal).Count() != tools.Count)
        {
            call.Body.Violate("tools", "uniqueItems", "No tool may stand here twice.");
        }

        return [.. tools.OrderBy(tool => tool.ServiceId, StringComparer.Ordinal)];
    }

    private static bool IsCommand(string name) => name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}

/// <summary>A tool that an operator looked at.</summary>
internal sealed record ApproveRequest(string UpstreamId, string ServiceId, string Hash)
{
    private const string HashPattern = "^[A-Za-z0-9_-]{22}$";

    public static ApproveRequest Read(Call call) => new(
        call.Id("upstream_id"),
        call.Id("service_id"),
        call.Body.Formatted("hash", "Of the tool as it was looked at: what is offered meanwhile is not approved by it.", 22, static hash => hash.Length == 22, "The hash of the offered tool is wanted here.", pattern: HashPattern) ?? "");
}
